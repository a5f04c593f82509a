// Written by scripts/generate-bootstrap; do not edit.
// swift-format-ignore-file

/// A rule or binding a line: kind, namespace, name, verbs, apiGroups ("" is core), resources, resourceNames, nonResourceURLs, roleRef, subjects, labels, aggregation labels.
enum BootstrapRBACTable {
    static let text = #"""
ClusterRole		admin									rbac.authorization.k8s.io/aggregate-to-admin=true
ClusterRole		cluster-admin	*	*	*						
ClusterRole		cluster-admin	*				*				
ClusterRole		edit								rbac.authorization.k8s.io/aggregate-to-admin=true	rbac.authorization.k8s.io/aggregate-to-edit=true
ClusterRole		system:aggregate-to-admin	create	authorization.k8s.io	localsubjectaccessreviews					rbac.authorization.k8s.io/aggregate-to-admin=true	
ClusterRole		system:aggregate-to-admin	create,delete,deletecollection,get,list,patch,update,watch	rbac.authorization.k8s.io	rolebindings,roles					rbac.authorization.k8s.io/aggregate-to-admin=true	
ClusterRole		system:aggregate-to-edit	get,list,watch	""	pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	impersonate	""	serviceaccounts					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	""	pods,pods/attach,pods/exec,pods/portforward,pods/proxy					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create	""	pods/eviction					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	""	configmaps,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create	""	serviceaccounts/token					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	"",events.k8s.io	events					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	apps	daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	autoscaling	horizontalpodautoscalers					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	batch	cronjobs,jobs					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	extensions	daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	policy	poddisruptionbudgets					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	networking.k8s.io	ingresses,networkpolicies					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,get,list,patch,update,watch	coordination.k8s.io	leases					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-edit	create,delete,deletecollection,patch,update	resource.k8s.io	resourceclaims,resourceclaimtemplates					rbac.authorization.k8s.io/aggregate-to-edit=true	
ClusterRole		system:aggregate-to-view	get,list,watch	""	configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	""	bindings,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	""	namespaces					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	"",events.k8s.io	events					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	discovery.k8s.io	endpointslices					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	apps	controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	autoscaling	horizontalpodautoscalers,horizontalpodautoscalers/status					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	batch	cronjobs,cronjobs/status,jobs,jobs/status					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	extensions	daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	policy	poddisruptionbudgets,poddisruptionbudgets/status					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	networking.k8s.io	ingresses,ingresses/status,networkpolicies					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:aggregate-to-view	get,list,watch	resource.k8s.io	resourceclaims,resourceclaims/status,resourceclaimtemplates					rbac.authorization.k8s.io/aggregate-to-view=true	
ClusterRole		system:auth-delegator	create	authentication.k8s.io	tokenreviews						
ClusterRole		system:auth-delegator	create	authorization.k8s.io	subjectaccessreviews						
ClusterRole		system:basic-user	create	authorization.k8s.io	selfsubjectaccessreviews,selfsubjectrulesreviews						
ClusterRole		system:basic-user	create	authentication.k8s.io	selfsubjectreviews						
ClusterRole		system:certificates.k8s.io:certificatesigningrequests:nodeclient	create	certificates.k8s.io	certificatesigningrequests/nodeclient						
ClusterRole		system:certificates.k8s.io:certificatesigningrequests:selfnodeclient	create	certificates.k8s.io	certificatesigningrequests/selfnodeclient						
ClusterRole		system:certificates.k8s.io:kube-apiserver-client-approver	approve	certificates.k8s.io	signers	kubernetes.io/kube-apiserver-client					
ClusterRole		system:certificates.k8s.io:kube-apiserver-client-kubelet-approver	approve	certificates.k8s.io	signers	kubernetes.io/kube-apiserver-client-kubelet					
ClusterRole		system:certificates.k8s.io:kubelet-serving-approver	approve	certificates.k8s.io	signers	kubernetes.io/kubelet-serving					
ClusterRole		system:certificates.k8s.io:legacy-unknown-approver	approve	certificates.k8s.io	signers	kubernetes.io/legacy-unknown					
ClusterRole		system:discovery	get				/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/				
ClusterRole		system:heapster	get,list,watch	""	events,namespaces,nodes,pods						
ClusterRole		system:heapster	get,list,watch	extensions	deployments						
ClusterRole		system:kube-aggregator	get,list,watch	""	endpoints,services						
ClusterRole		system:kube-controller-manager	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:kube-controller-manager	create	coordination.k8s.io	leases						
ClusterRole		system:kube-controller-manager	get,update	coordination.k8s.io	leases	kube-controller-manager					
ClusterRole		system:kube-controller-manager	create	""	secrets,serviceaccounts						
ClusterRole		system:kube-controller-manager	delete	""	secrets						
ClusterRole		system:kube-controller-manager	get	""	configmaps,namespaces,secrets,serviceaccounts						
ClusterRole		system:kube-controller-manager	update	""	secrets,serviceaccounts						
ClusterRole		system:kube-controller-manager	create	authentication.k8s.io	tokenreviews						
ClusterRole		system:kube-controller-manager	create	authorization.k8s.io	subjectaccessreviews						
ClusterRole		system:kube-controller-manager	list,watch	*	*						
ClusterRole		system:kube-controller-manager	create	""	serviceaccounts/token						
ClusterRole		system:kube-dns	list,watch	""	endpoints,services						
ClusterRole		system:kube-scheduler	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:kube-scheduler	create	coordination.k8s.io	leases						
ClusterRole		system:kube-scheduler	get,list,update,watch	coordination.k8s.io	leases	kube-scheduler					
ClusterRole		system:kube-scheduler	create,delete,deletecollection,get,list,patch,update,watch	coordination.k8s.io	leasecandidates						
ClusterRole		system:kube-scheduler	get,list,watch	""	nodes						
ClusterRole		system:kube-scheduler	delete,get,list,watch	""	pods						
ClusterRole		system:kube-scheduler	create	""	bindings,pods/binding						
ClusterRole		system:kube-scheduler	patch,update	""	pods/status						
ClusterRole		system:kube-scheduler	get,list,watch	""	replicationcontrollers,services						
ClusterRole		system:kube-scheduler	get,list,watch	apps,extensions	replicasets						
ClusterRole		system:kube-scheduler	get,list,watch	apps	statefulsets						
ClusterRole		system:kube-scheduler	get,list,watch	policy	poddisruptionbudgets						
ClusterRole		system:kube-scheduler	get,list,watch	""	persistentvolumeclaims,persistentvolumes						
ClusterRole		system:kube-scheduler	create	authentication.k8s.io	tokenreviews						
ClusterRole		system:kube-scheduler	create	authorization.k8s.io	subjectaccessreviews						
ClusterRole		system:kube-scheduler	get,list,watch	storage.k8s.io	csinodes						
ClusterRole		system:kube-scheduler	get,list,watch	storage.k8s.io	volumeattachments						
ClusterRole		system:kube-scheduler	get,list,watch	""	namespaces						
ClusterRole		system:kube-scheduler	get,list,watch	storage.k8s.io	csidrivers						
ClusterRole		system:kube-scheduler	get,list,watch	storage.k8s.io	csistoragecapacities						
ClusterRole		system:kube-scheduler	get,list,watch	resource.k8s.io	deviceclasses						
ClusterRole		system:kube-scheduler	get,list,patch,update,watch	resource.k8s.io	resourceclaims						
ClusterRole		system:kube-scheduler	get,list,patch,update,watch	resource.k8s.io	resourceclaims/status						
ClusterRole		system:kube-scheduler	update	""	pods/finalizers						
ClusterRole		system:kube-scheduler	get,list,watch	resource.k8s.io	resourceslices						
ClusterRole		system:kube-scheduler	create,delete	resource.k8s.io	resourceclaims						
ClusterRole		system:kube-scheduler	patch,update	resource.k8s.io	resourceclaims/binding						
ClusterRole		system:kubelet-api-admin	get,list,watch	""	nodes						
ClusterRole		system:kubelet-api-admin	proxy	""	nodes						
ClusterRole		system:kubelet-api-admin	*	""	nodes/log,nodes/metrics,nodes/proxy,nodes/stats						
ClusterRole		system:kubelet-api-admin	*	""	nodes/configz,nodes/healthz,nodes/pods						
ClusterRole		system:monitoring	get				/flagz,/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*,/statusz				
ClusterRole		system:monitoring	get	""	nodes/metrics						
ClusterRole		system:node	create	authentication.k8s.io	tokenreviews						
ClusterRole		system:node	create	authorization.k8s.io	localsubjectaccessreviews,subjectaccessreviews						
ClusterRole		system:node	get,list,watch	""	services						
ClusterRole		system:node	create,get,list,watch	""	nodes						
ClusterRole		system:node	patch,update	""	nodes/status						
ClusterRole		system:node	patch,update	""	nodes						
ClusterRole		system:node	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:node	get,list,watch	""	pods						
ClusterRole		system:node	create,delete	""	pods						
ClusterRole		system:node	patch,update	""	pods/status						
ClusterRole		system:node	create	""	pods/eviction						
ClusterRole		system:node	get,list,watch	""	configmaps,secrets						
ClusterRole		system:node	get	""	persistentvolumeclaims,persistentvolumes						
ClusterRole		system:node	get	""	endpoints						
ClusterRole		system:node	create,get,list,watch	certificates.k8s.io	certificatesigningrequests						
ClusterRole		system:node	create,delete,get,patch,update	coordination.k8s.io	leases						
ClusterRole		system:node	get	storage.k8s.io	volumeattachments						
ClusterRole		system:node	create	""	serviceaccounts/token						
ClusterRole		system:node	get,patch,update	""	persistentvolumeclaims/status						
ClusterRole		system:node	get,list,watch	storage.k8s.io	csidrivers						
ClusterRole		system:node	create,delete,get,patch,update	storage.k8s.io	csinodes						
ClusterRole		system:node	get,list,watch	node.k8s.io	runtimeclasses						
ClusterRole		system:node	get	resource.k8s.io	resourceclaims						
ClusterRole		system:node	deletecollection	resource.k8s.io	resourceslices						
ClusterRole		system:node	get	""	serviceaccounts						
ClusterRole		system:node-bootstrapper	create,get,list,watch	certificates.k8s.io	certificatesigningrequests						
ClusterRole		system:node-problem-detector	get	""	nodes						
ClusterRole		system:node-problem-detector	patch	""	nodes/status						
ClusterRole		system:node-problem-detector	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:node-proxier	list,watch	""	endpoints,services						
ClusterRole		system:node-proxier	get,list,watch	""	nodes						
ClusterRole		system:node-proxier	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:node-proxier	list,watch	networking.k8s.io	servicecidrs						
ClusterRole		system:node-proxier	list,watch	discovery.k8s.io	endpointslices						
ClusterRole		system:persistent-volume-provisioner	create,delete,get,list,watch	""	persistentvolumes						
ClusterRole		system:persistent-volume-provisioner	get,list,update,watch	""	persistentvolumeclaims						
ClusterRole		system:persistent-volume-provisioner	get,list,watch	storage.k8s.io	storageclasses						
ClusterRole		system:persistent-volume-provisioner	watch	""	events						
ClusterRole		system:persistent-volume-provisioner	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:public-info-viewer	get				/healthz,/livez,/readyz,/version,/version/				
ClusterRole		system:service-account-issuer-discovery	get				/.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/				
ClusterRole		system:volume-scheduler	get,list,patch,update,watch	""	persistentvolumes						
ClusterRole		system:volume-scheduler	get,list,watch	storage.k8s.io	storageclasses						
ClusterRole		system:volume-scheduler	get,list,patch,update,watch	""	persistentvolumeclaims						
ClusterRole		view								rbac.authorization.k8s.io/aggregate-to-edit=true	rbac.authorization.k8s.io/aggregate-to-view=true
ClusterRoleBinding		cluster-admin						ClusterRole/cluster-admin	Group:system:masters		
ClusterRoleBinding		system:basic-user						ClusterRole/system:basic-user	Group:system:authenticated		
ClusterRoleBinding		system:discovery						ClusterRole/system:discovery	Group:system:authenticated		
ClusterRoleBinding		system:kube-controller-manager						ClusterRole/system:kube-controller-manager	User:system:kube-controller-manager		
ClusterRoleBinding		system:kube-dns						ClusterRole/system:kube-dns	ServiceAccount:kube-system/kube-dns		
ClusterRoleBinding		system:kube-scheduler						ClusterRole/system:kube-scheduler	User:system:kube-scheduler		
ClusterRoleBinding		system:monitoring						ClusterRole/system:monitoring	Group:system:monitoring		
ClusterRoleBinding		system:node						ClusterRole/system:node			
ClusterRoleBinding		system:node-proxier						ClusterRole/system:node-proxier	User:system:kube-proxy		
ClusterRoleBinding		system:public-info-viewer						ClusterRole/system:public-info-viewer	Group:system:authenticated;Group:system:unauthenticated		
ClusterRoleBinding		system:service-account-issuer-discovery						ClusterRole/system:service-account-issuer-discovery	Group:system:serviceaccounts		
ClusterRoleBinding		system:volume-scheduler						ClusterRole/system:volume-scheduler	User:system:kube-scheduler		
ClusterRole		system:controller:attachdetach-controller	list,watch	""	persistentvolumeclaims,persistentvolumes						
ClusterRole		system:controller:attachdetach-controller	get,list,watch	""	nodes						
ClusterRole		system:controller:attachdetach-controller	patch,update	""	nodes/status						
ClusterRole		system:controller:attachdetach-controller	list,watch	""	pods						
ClusterRole		system:controller:attachdetach-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:attachdetach-controller	create,delete,get,list,watch	storage.k8s.io	volumeattachments						
ClusterRole		system:controller:attachdetach-controller	get,list,watch	storage.k8s.io	csidrivers						
ClusterRole		system:controller:attachdetach-controller	get,list,watch	storage.k8s.io	csinodes						
ClusterRole		system:controller:certificate-controller	delete,get,list,watch	certificates.k8s.io	certificatesigningrequests						
ClusterRole		system:controller:certificate-controller	update	certificates.k8s.io	certificatesigningrequests/approval,certificatesigningrequests/status						
ClusterRole		system:controller:certificate-controller	approve	certificates.k8s.io	signers	kubernetes.io/kube-apiserver-client-kubelet					
ClusterRole		system:controller:certificate-controller	sign	certificates.k8s.io	signers	kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown					
ClusterRole		system:controller:certificate-controller	create	authorization.k8s.io	subjectaccessreviews						
ClusterRole		system:controller:certificate-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:clusterrole-aggregation-controller	escalate,get,list,patch,update,watch	rbac.authorization.k8s.io	clusterroles						
ClusterRole		system:controller:cronjob-controller	get,list,update,watch	batch	cronjobs						
ClusterRole		system:controller:cronjob-controller	create,delete,get,list,patch,update,watch	batch	jobs						
ClusterRole		system:controller:cronjob-controller	update	batch	cronjobs/status						
ClusterRole		system:controller:cronjob-controller	update	batch	cronjobs/finalizers						
ClusterRole		system:controller:cronjob-controller	delete,list,watch	""	pods						
ClusterRole		system:controller:cronjob-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:daemon-set-controller	get,list,watch	apps,extensions	daemonsets						
ClusterRole		system:controller:daemon-set-controller	update	apps,extensions	daemonsets/status						
ClusterRole		system:controller:daemon-set-controller	update	apps,extensions	daemonsets/finalizers						
ClusterRole		system:controller:daemon-set-controller	list,watch	""	nodes						
ClusterRole		system:controller:daemon-set-controller	create,delete,list,patch,watch	""	pods						
ClusterRole		system:controller:daemon-set-controller	create	""	pods/binding						
ClusterRole		system:controller:daemon-set-controller	create,delete,get,list,patch,update,watch	apps	controllerrevisions						
ClusterRole		system:controller:daemon-set-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:deployment-controller	get,list,update,watch	apps,extensions	deployments						
ClusterRole		system:controller:deployment-controller	update	apps,extensions	deployments/status						
ClusterRole		system:controller:deployment-controller	update	apps,extensions	deployments/finalizers						
ClusterRole		system:controller:deployment-controller	create,delete,get,list,patch,update,watch	apps,extensions	replicasets						
ClusterRole		system:controller:deployment-controller	get,list,update,watch	""	pods						
ClusterRole		system:controller:deployment-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:device-taint-eviction-controller	delete,get,list,watch	""	pods						
ClusterRole		system:controller:device-taint-eviction-controller	patch,update	""	pods/status						
ClusterRole		system:controller:device-taint-eviction-controller	get,list,watch	resource.k8s.io	resourceclaims						
ClusterRole		system:controller:device-taint-eviction-controller	get,list,watch	resource.k8s.io	resourceslices						
ClusterRole		system:controller:device-taint-eviction-controller	get,list,watch	resource.k8s.io	deviceclasses						
ClusterRole		system:controller:device-taint-eviction-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:disruption-controller	get,list,watch	apps,extensions	deployments						
ClusterRole		system:controller:disruption-controller	get,list,watch	apps,extensions	replicasets						
ClusterRole		system:controller:disruption-controller	get,list,watch	""	replicationcontrollers						
ClusterRole		system:controller:disruption-controller	get,list,watch	policy	poddisruptionbudgets						
ClusterRole		system:controller:disruption-controller	get,list,watch	apps	statefulsets						
ClusterRole		system:controller:disruption-controller	update	policy	poddisruptionbudgets/status						
ClusterRole		system:controller:disruption-controller	patch,update	""	pods/status						
ClusterRole		system:controller:disruption-controller	get	*	*/scale						
ClusterRole		system:controller:disruption-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:endpoint-controller	get,list,watch	""	pods,services						
ClusterRole		system:controller:endpoint-controller	create,delete,get,list,update,watch	""	endpoints						
ClusterRole		system:controller:endpoint-controller	create	""	endpoints/restricted						
ClusterRole		system:controller:endpoint-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:endpointslice-controller	get,list,watch	""	nodes,pods,services						
ClusterRole		system:controller:endpointslice-controller	update	""	services/finalizers						
ClusterRole		system:controller:endpointslice-controller	create,delete,get,list,update,watch	discovery.k8s.io	endpointslices						
ClusterRole		system:controller:endpointslice-controller	create	discovery.k8s.io	endpointslices/restricted						
ClusterRole		system:controller:endpointslice-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:endpointslicemirroring-controller	get,list,watch	""	endpoints,services						
ClusterRole		system:controller:endpointslicemirroring-controller	update	""	services/finalizers						
ClusterRole		system:controller:endpointslicemirroring-controller	update	""	endpoints/finalizers						
ClusterRole		system:controller:endpointslicemirroring-controller	create,delete,get,list,update,watch	discovery.k8s.io	endpointslices						
ClusterRole		system:controller:endpointslicemirroring-controller	create	discovery.k8s.io	endpointslices/restricted						
ClusterRole		system:controller:endpointslicemirroring-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:ephemeral-volume-controller	get,list,watch	""	pods						
ClusterRole		system:controller:ephemeral-volume-controller	update	""	pods/finalizers						
ClusterRole		system:controller:ephemeral-volume-controller	create,get,list,watch	""	persistentvolumeclaims						
ClusterRole		system:controller:ephemeral-volume-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:expand-controller	get,list,patch,update,watch	""	persistentvolumes						
ClusterRole		system:controller:expand-controller	patch,update	""	persistentvolumeclaims/status						
ClusterRole		system:controller:expand-controller	get,list,watch	""	persistentvolumeclaims						
ClusterRole		system:controller:expand-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:generic-garbage-collector	delete,get,list,patch,update,watch	*	*						
ClusterRole		system:controller:generic-garbage-collector	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:horizontal-pod-autoscaler	get,list,watch	autoscaling	horizontalpodautoscalers						
ClusterRole		system:controller:horizontal-pod-autoscaler	update	autoscaling	horizontalpodautoscalers/status						
ClusterRole		system:controller:horizontal-pod-autoscaler	get,update	*	*/scale						
ClusterRole		system:controller:horizontal-pod-autoscaler	list,watch	""	pods						
ClusterRole		system:controller:horizontal-pod-autoscaler	list,watch	metrics.k8s.io	pods						
ClusterRole		system:controller:horizontal-pod-autoscaler	get,list,watch	custom.metrics.k8s.io	*						
ClusterRole		system:controller:horizontal-pod-autoscaler	get,list,watch	external.metrics.k8s.io	*						
ClusterRole		system:controller:horizontal-pod-autoscaler	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:job-controller	get,list,patch,update,watch	batch	jobs						
ClusterRole		system:controller:job-controller	update	batch	jobs/status						
ClusterRole		system:controller:job-controller	update	batch	jobs/finalizers						
ClusterRole		system:controller:job-controller	create,delete,list,patch,watch	""	pods						
ClusterRole		system:controller:job-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:legacy-service-account-token-cleaner	get	""	configmaps	kube-apiserver-legacy-service-account-token-tracking					
ClusterRole		system:controller:legacy-service-account-token-cleaner	delete,patch	""	secrets						
ClusterRole		system:controller:namespace-controller	delete,get,list,watch	""	namespaces						
ClusterRole		system:controller:namespace-controller	update	""	namespaces/finalize,namespaces/status						
ClusterRole		system:controller:namespace-controller	delete,deletecollection,get,list,watch	*	*						
ClusterRole		system:controller:node-controller	delete,get,list,patch,update,watch	""	nodes						
ClusterRole		system:controller:node-controller	patch,update	""	nodes/status						
ClusterRole		system:controller:node-controller	patch,update	""	pods/status						
ClusterRole		system:controller:node-controller	delete,get,list,watch	""	pods						
ClusterRole		system:controller:node-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:persistent-volume-binder	create,delete,get,list,update,watch	""	persistentvolumes						
ClusterRole		system:controller:persistent-volume-binder	update	""	persistentvolumes/status						
ClusterRole		system:controller:persistent-volume-binder	get,list,update,watch	""	persistentvolumeclaims						
ClusterRole		system:controller:persistent-volume-binder	update	""	persistentvolumeclaims/status						
ClusterRole		system:controller:persistent-volume-binder	create,delete,get,list,watch	""	pods						
ClusterRole		system:controller:persistent-volume-binder	get,list,watch	storage.k8s.io	storageclasses						
ClusterRole		system:controller:persistent-volume-binder	list,watch	""	nodes						
ClusterRole		system:controller:persistent-volume-binder	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:persistent-volume-binder	watch	""	events						
ClusterRole		system:controller:pod-garbage-collector	delete,list,watch	""	pods						
ClusterRole		system:controller:pod-garbage-collector	get,list,watch	""	nodes						
ClusterRole		system:controller:pod-garbage-collector	patch	""	pods/status						
ClusterRole		system:controller:pv-protection-controller	get,list,update,watch	""	persistentvolumes						
ClusterRole		system:controller:pv-protection-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:pvc-protection-controller	get,list,update,watch	""	persistentvolumeclaims						
ClusterRole		system:controller:pvc-protection-controller	update	""	persistentvolumeclaims/status						
ClusterRole		system:controller:pvc-protection-controller	get,list,watch	""	pods						
ClusterRole		system:controller:pvc-protection-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:replicaset-controller	get,list,update,watch	apps,extensions	replicasets						
ClusterRole		system:controller:replicaset-controller	update	apps,extensions	replicasets/status						
ClusterRole		system:controller:replicaset-controller	update	apps,extensions	replicasets/finalizers						
ClusterRole		system:controller:replicaset-controller	create,delete,list,patch,watch	""	pods						
ClusterRole		system:controller:replicaset-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:replication-controller	get,list,update,watch	""	replicationcontrollers						
ClusterRole		system:controller:replication-controller	update	""	replicationcontrollers/status						
ClusterRole		system:controller:replication-controller	update	""	replicationcontrollers/finalizers						
ClusterRole		system:controller:replication-controller	create,delete,list,patch,watch	""	pods						
ClusterRole		system:controller:replication-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:resource-claim-controller	get,list,watch	""	pods						
ClusterRole		system:controller:resource-claim-controller	update	""	pods/finalizers						
ClusterRole		system:controller:resource-claim-controller	create,delete,get,list,watch	resource.k8s.io	resourceclaims						
ClusterRole		system:controller:resource-claim-controller	patch,update	resource.k8s.io	resourceclaims,resourceclaims/status						
ClusterRole		system:controller:resource-claim-controller	patch,update	""	pods/status						
ClusterRole		system:controller:resource-claim-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:resource-claim-controller	patch,update	resource.k8s.io	resourceclaims/binding						
ClusterRole		system:controller:resourcequota-controller	list,watch	*	*						
ClusterRole		system:controller:resourcequota-controller	update	""	resourcequotas/status						
ClusterRole		system:controller:resourcequota-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:root-ca-cert-publisher	create,update	""	configmaps						
ClusterRole		system:controller:root-ca-cert-publisher	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:route-controller	list,watch	""	nodes						
ClusterRole		system:controller:route-controller	patch	""	nodes/status						
ClusterRole		system:controller:route-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:selinux-warning-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:selinux-warning-controller	get,list,watch	""	persistentvolumes						
ClusterRole		system:controller:selinux-warning-controller	get,list,watch	""	persistentvolumeclaims						
ClusterRole		system:controller:selinux-warning-controller	get,list,watch	""	pods						
ClusterRole		system:controller:selinux-warning-controller	get,list,watch	storage.k8s.io	csidrivers						
ClusterRole		system:controller:service-account-controller	create	""	serviceaccounts						
ClusterRole		system:controller:service-account-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:service-ca-cert-publisher	create,update	""	configmaps						
ClusterRole		system:controller:service-ca-cert-publisher	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:service-cidrs-controller	get,list,patch,update,watch	networking.k8s.io	servicecidrs						
ClusterRole		system:controller:service-cidrs-controller	patch,update	networking.k8s.io	servicecidrs/finalizers						
ClusterRole		system:controller:service-cidrs-controller	patch,update	networking.k8s.io	servicecidrs/status						
ClusterRole		system:controller:service-cidrs-controller	get,list,watch	networking.k8s.io	ipaddresses						
ClusterRole		system:controller:service-cidrs-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:service-controller	get,list,watch	""	services						
ClusterRole		system:controller:service-controller	patch,update	""	services/status						
ClusterRole		system:controller:service-controller	list,watch	""	nodes						
ClusterRole		system:controller:service-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:statefulset-controller	list,watch	""	pods						
ClusterRole		system:controller:statefulset-controller	get,list,watch	apps	statefulsets						
ClusterRole		system:controller:statefulset-controller	update	apps	statefulsets/status						
ClusterRole		system:controller:statefulset-controller	update	apps	statefulsets/finalizers						
ClusterRole		system:controller:statefulset-controller	create,delete,get,patch,update	""	pods						
ClusterRole		system:controller:statefulset-controller	create,delete,get,list,patch,update,watch	apps	controllerrevisions						
ClusterRole		system:controller:statefulset-controller	create,get,list,watch	""	persistentvolumeclaims						
ClusterRole		system:controller:statefulset-controller	delete,update	""	persistentvolumeclaims						
ClusterRole		system:controller:statefulset-controller	update	""	pods/finalizers						
ClusterRole		system:controller:statefulset-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:ttl-after-finished-controller	delete,get,list,watch	batch	jobs						
ClusterRole		system:controller:ttl-after-finished-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:ttl-controller	list,patch,update,watch	""	nodes						
ClusterRole		system:controller:ttl-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:validatingadmissionpolicy-status-controller	get,list,watch	admissionregistration.k8s.io	validatingadmissionpolicies						
ClusterRole		system:controller:validatingadmissionpolicy-status-controller	get,patch,update	admissionregistration.k8s.io	validatingadmissionpolicies/status						
ClusterRole		system:controller:validatingadmissionpolicy-status-controller	create,patch,update	"",events.k8s.io	events						
ClusterRole		system:controller:volumeattributesclass-protection-controller	get,list,watch	""	persistentvolumeclaims						
ClusterRole		system:controller:volumeattributesclass-protection-controller	get,list,watch	""	persistentvolumes						
ClusterRole		system:controller:volumeattributesclass-protection-controller	get,list,update,watch	storage.k8s.io	volumeattributesclasses						
ClusterRole		system:controller:volumeattributesclass-protection-controller	create,patch,update	"",events.k8s.io	events						
ClusterRoleBinding		system:controller:attachdetach-controller						ClusterRole/system:controller:attachdetach-controller	ServiceAccount:kube-system/attachdetach-controller		
ClusterRoleBinding		system:controller:certificate-controller						ClusterRole/system:controller:certificate-controller	ServiceAccount:kube-system/certificate-controller		
ClusterRoleBinding		system:controller:clusterrole-aggregation-controller						ClusterRole/system:controller:clusterrole-aggregation-controller	ServiceAccount:kube-system/clusterrole-aggregation-controller		
ClusterRoleBinding		system:controller:cronjob-controller						ClusterRole/system:controller:cronjob-controller	ServiceAccount:kube-system/cronjob-controller		
ClusterRoleBinding		system:controller:daemon-set-controller						ClusterRole/system:controller:daemon-set-controller	ServiceAccount:kube-system/daemon-set-controller		
ClusterRoleBinding		system:controller:deployment-controller						ClusterRole/system:controller:deployment-controller	ServiceAccount:kube-system/deployment-controller		
ClusterRoleBinding		system:controller:device-taint-eviction-controller						ClusterRole/system:controller:device-taint-eviction-controller	ServiceAccount:kube-system/device-taint-eviction-controller		
ClusterRoleBinding		system:controller:disruption-controller						ClusterRole/system:controller:disruption-controller	ServiceAccount:kube-system/disruption-controller		
ClusterRoleBinding		system:controller:endpoint-controller						ClusterRole/system:controller:endpoint-controller	ServiceAccount:kube-system/endpoint-controller		
ClusterRoleBinding		system:controller:endpointslice-controller						ClusterRole/system:controller:endpointslice-controller	ServiceAccount:kube-system/endpointslice-controller		
ClusterRoleBinding		system:controller:endpointslicemirroring-controller						ClusterRole/system:controller:endpointslicemirroring-controller	ServiceAccount:kube-system/endpointslicemirroring-controller		
ClusterRoleBinding		system:controller:ephemeral-volume-controller						ClusterRole/system:controller:ephemeral-volume-controller	ServiceAccount:kube-system/ephemeral-volume-controller		
ClusterRoleBinding		system:controller:expand-controller						ClusterRole/system:controller:expand-controller	ServiceAccount:kube-system/expand-controller		
ClusterRoleBinding		system:controller:generic-garbage-collector						ClusterRole/system:controller:generic-garbage-collector	ServiceAccount:kube-system/generic-garbage-collector		
ClusterRoleBinding		system:controller:horizontal-pod-autoscaler						ClusterRole/system:controller:horizontal-pod-autoscaler	ServiceAccount:kube-system/horizontal-pod-autoscaler		
ClusterRoleBinding		system:controller:job-controller						ClusterRole/system:controller:job-controller	ServiceAccount:kube-system/job-controller		
ClusterRoleBinding		system:controller:legacy-service-account-token-cleaner						ClusterRole/system:controller:legacy-service-account-token-cleaner	ServiceAccount:kube-system/legacy-service-account-token-cleaner		
ClusterRoleBinding		system:controller:namespace-controller						ClusterRole/system:controller:namespace-controller	ServiceAccount:kube-system/namespace-controller		
ClusterRoleBinding		system:controller:node-controller						ClusterRole/system:controller:node-controller	ServiceAccount:kube-system/node-controller		
ClusterRoleBinding		system:controller:persistent-volume-binder						ClusterRole/system:controller:persistent-volume-binder	ServiceAccount:kube-system/persistent-volume-binder		
ClusterRoleBinding		system:controller:pod-garbage-collector						ClusterRole/system:controller:pod-garbage-collector	ServiceAccount:kube-system/pod-garbage-collector		
ClusterRoleBinding		system:controller:pv-protection-controller						ClusterRole/system:controller:pv-protection-controller	ServiceAccount:kube-system/pv-protection-controller		
ClusterRoleBinding		system:controller:pvc-protection-controller						ClusterRole/system:controller:pvc-protection-controller	ServiceAccount:kube-system/pvc-protection-controller		
ClusterRoleBinding		system:controller:replicaset-controller						ClusterRole/system:controller:replicaset-controller	ServiceAccount:kube-system/replicaset-controller		
ClusterRoleBinding		system:controller:replication-controller						ClusterRole/system:controller:replication-controller	ServiceAccount:kube-system/replication-controller		
ClusterRoleBinding		system:controller:resource-claim-controller						ClusterRole/system:controller:resource-claim-controller	ServiceAccount:kube-system/resource-claim-controller		
ClusterRoleBinding		system:controller:resourcequota-controller						ClusterRole/system:controller:resourcequota-controller	ServiceAccount:kube-system/resourcequota-controller		
ClusterRoleBinding		system:controller:root-ca-cert-publisher						ClusterRole/system:controller:root-ca-cert-publisher	ServiceAccount:kube-system/root-ca-cert-publisher		
ClusterRoleBinding		system:controller:route-controller						ClusterRole/system:controller:route-controller	ServiceAccount:kube-system/route-controller		
ClusterRoleBinding		system:controller:selinux-warning-controller						ClusterRole/system:controller:selinux-warning-controller	ServiceAccount:kube-system/selinux-warning-controller		
ClusterRoleBinding		system:controller:service-account-controller						ClusterRole/system:controller:service-account-controller	ServiceAccount:kube-system/service-account-controller		
ClusterRoleBinding		system:controller:service-ca-cert-publisher						ClusterRole/system:controller:service-ca-cert-publisher	ServiceAccount:kube-system/service-ca-cert-publisher		
ClusterRoleBinding		system:controller:service-cidrs-controller						ClusterRole/system:controller:service-cidrs-controller	ServiceAccount:kube-system/service-cidrs-controller		
ClusterRoleBinding		system:controller:service-controller						ClusterRole/system:controller:service-controller	ServiceAccount:kube-system/service-controller		
ClusterRoleBinding		system:controller:statefulset-controller						ClusterRole/system:controller:statefulset-controller	ServiceAccount:kube-system/statefulset-controller		
ClusterRoleBinding		system:controller:ttl-after-finished-controller						ClusterRole/system:controller:ttl-after-finished-controller	ServiceAccount:kube-system/ttl-after-finished-controller		
ClusterRoleBinding		system:controller:ttl-controller						ClusterRole/system:controller:ttl-controller	ServiceAccount:kube-system/ttl-controller		
ClusterRoleBinding		system:controller:validatingadmissionpolicy-status-controller						ClusterRole/system:controller:validatingadmissionpolicy-status-controller	ServiceAccount:kube-system/validatingadmissionpolicy-status-controller		
ClusterRoleBinding		system:controller:volumeattributesclass-protection-controller						ClusterRole/system:controller:volumeattributesclass-protection-controller	ServiceAccount:kube-system/volumeattributesclass-protection-controller		
Role	kube-public	system:controller:bootstrap-signer	get,list,watch	""	configmaps						
Role	kube-public	system:controller:bootstrap-signer	update	""	configmaps	cluster-info					
Role	kube-public	system:controller:bootstrap-signer	create,patch,update	"",events.k8s.io	events						
Role	kube-system	extension-apiserver-authentication-reader	get,list,watch	""	configmaps	extension-apiserver-authentication					
Role	kube-system	system::leader-locking-kube-controller-manager	create,get,list,update,watch	coordination.k8s.io	leases						
Role	kube-system	system::leader-locking-kube-controller-manager	create,get,list,update,watch	coordination.k8s.io	leasecandidates						
Role	kube-system	system::leader-locking-kube-scheduler	create,get,list,update,watch	coordination.k8s.io	leases						
Role	kube-system	system::leader-locking-kube-scheduler	create,get,list,update,watch	coordination.k8s.io	leasecandidates						
Role	kube-system	system:controller:bootstrap-signer	get,list,watch	""	secrets						
Role	kube-system	system:controller:cloud-provider	create,get,list,watch	""	configmaps						
Role	kube-system	system:controller:token-cleaner	delete,get,list,watch	""	secrets						
Role	kube-system	system:controller:token-cleaner	create,patch,update	"",events.k8s.io	events						
RoleBinding	kube-public	system:controller:bootstrap-signer						Role/system:controller:bootstrap-signer	ServiceAccount:kube-system/bootstrap-signer		
RoleBinding	kube-system	system::extension-apiserver-authentication-reader						Role/extension-apiserver-authentication-reader	User:system:kube-controller-manager;User:system:kube-scheduler		
RoleBinding	kube-system	system::leader-locking-kube-controller-manager						Role/system::leader-locking-kube-controller-manager	User:system:kube-controller-manager;ServiceAccount:kube-system/kube-controller-manager;ServiceAccount:kube-system/leader-election-controller		
RoleBinding	kube-system	system::leader-locking-kube-scheduler						Role/system::leader-locking-kube-scheduler	User:system:kube-scheduler;ServiceAccount:kube-system/kube-scheduler		
RoleBinding	kube-system	system:controller:bootstrap-signer						Role/system:controller:bootstrap-signer	ServiceAccount:kube-system/bootstrap-signer		
RoleBinding	kube-system	system:controller:cloud-provider						Role/system:controller:cloud-provider	ServiceAccount:kube-system/cloud-provider		
RoleBinding	kube-system	system:controller:token-cleaner						Role/system:controller:token-cleaner	ServiceAccount:kube-system/token-cleaner		
"""#
}
