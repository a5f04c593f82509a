// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The columns of Table answers.
enum ColumnTable {
    static let text: StaticString = #"""
	v1	ComponentStatus	Name	string	name	0
	v1	ComponentStatus	Status	string		0
	v1	ComponentStatus	Message	string		0
	v1	ComponentStatus	Error	string		0
	v1	ConfigMap	Name	string	name	0
	v1	ConfigMap	Data	string		0
	v1	ConfigMap	Age	string		0
	v1	Endpoints	Name	string	name	0
	v1	Endpoints	Endpoints	string		0
	v1	Endpoints	Age	string		0
	v1	Event	Last Seen	string		0
	v1	Event	Type	string		0
	v1	Event	Reason	string		0
	v1	Event	Object	string		0
	v1	Event	Subobject	string		1
	v1	Event	Source	string		1
	v1	Event	Message	string		0
	v1	Event	First Seen	string		1
	v1	Event	Count	string		1
	v1	Event	Name	string	name	1
	v1	LimitRange	Name	string	name	0
	v1	LimitRange	Created At	date		0
	v1	Namespace	Name	string	name	0
	v1	Namespace	Status	string		0
	v1	Namespace	Age	string		0
	v1	Node	Name	string	name	0
	v1	Node	Status	string		0
	v1	Node	Roles	string		0
	v1	Node	Age	string		0
	v1	Node	Version	string		0
	v1	Node	Internal-IP	string		1
	v1	Node	External-IP	string		1
	v1	Node	OS-Image	string		1
	v1	Node	Kernel-Version	string		1
	v1	Node	Container-Runtime	string		1
	v1	PersistentVolumeClaim	Name	string	name	0
	v1	PersistentVolumeClaim	Status	string		0
	v1	PersistentVolumeClaim	Volume	string		0
	v1	PersistentVolumeClaim	Capacity	string		0
	v1	PersistentVolumeClaim	Access Modes	string		0
	v1	PersistentVolumeClaim	StorageClass	string		0
	v1	PersistentVolumeClaim	VolumeAttributesClass	string		0
	v1	PersistentVolumeClaim	Age	string		0
	v1	PersistentVolumeClaim	VolumeMode	string		1
	v1	PersistentVolume	Name	string	name	0
	v1	PersistentVolume	Capacity	string		0
	v1	PersistentVolume	Access Modes	string		0
	v1	PersistentVolume	Reclaim Policy	string		0
	v1	PersistentVolume	Status	string		0
	v1	PersistentVolume	Claim	string		0
	v1	PersistentVolume	StorageClass	string		0
	v1	PersistentVolume	VolumeAttributesClass	string		0
	v1	PersistentVolume	Reason	string		0
	v1	PersistentVolume	Age	string		0
	v1	PersistentVolume	VolumeMode	string		1
	v1	Pod	Name	string	name	0
	v1	Pod	Ready	string		0
	v1	Pod	Status	string		0
	v1	Pod	Restarts	string		0
	v1	Pod	Age	string		0
	v1	Pod	IP	string		1
	v1	Pod	Node	string		1
	v1	Pod	Nominated Node	string		1
	v1	Pod	Readiness Gates	string		1
	v1	PodTemplate	Name	string	name	0
	v1	PodTemplate	Containers	string		0
	v1	PodTemplate	Images	string		0
	v1	PodTemplate	Pod Labels	string		0
	v1	ReplicationController	Name	string	name	0
	v1	ReplicationController	Desired	integer		0
	v1	ReplicationController	Current	integer		0
	v1	ReplicationController	Ready	integer		0
	v1	ReplicationController	Age	string		0
	v1	ReplicationController	Containers	string		1
	v1	ReplicationController	Images	string		1
	v1	ReplicationController	Selector	string		1
	v1	ResourceQuota	Name	string	name	0
	v1	ResourceQuota	Request	string		0
	v1	ResourceQuota	Limit	string		0
	v1	ResourceQuota	Age	string		0
	v1	Secret	Name	string	name	0
	v1	Secret	Type	string		0
	v1	Secret	Data	string		0
	v1	Secret	Age	string		0
	v1	ServiceAccount	Name	string	name	0
	v1	ServiceAccount	Age	string		0
	v1	Service	Name	string	name	0
	v1	Service	Type	string		0
	v1	Service	Cluster-IP	string		0
	v1	Service	External-IP	string		0
	v1	Service	Port(s)	string		0
	v1	Service	Age	string		0
	v1	Service	Selector	string		1
apiregistration.k8s.io	v1	APIService	Name	string	name	0
apiregistration.k8s.io	v1	APIService	Service	string		0
apiregistration.k8s.io	v1	APIService	Available	string		0
apiregistration.k8s.io	v1	APIService	Age	string		0
apps	v1	ControllerRevision	Name	string	name	0
apps	v1	ControllerRevision	Controller	string		0
apps	v1	ControllerRevision	Revision	string		0
apps	v1	ControllerRevision	Age	string		0
apps	v1	DaemonSet	Name	string	name	0
apps	v1	DaemonSet	Desired	integer		0
apps	v1	DaemonSet	Current	integer		0
apps	v1	DaemonSet	Ready	integer		0
apps	v1	DaemonSet	Up-to-date	integer		0
apps	v1	DaemonSet	Available	integer		0
apps	v1	DaemonSet	Node Selector	string		0
apps	v1	DaemonSet	Age	string		0
apps	v1	DaemonSet	Containers	string		1
apps	v1	DaemonSet	Images	string		1
apps	v1	DaemonSet	Selector	string		1
apps	v1	Deployment	Name	string	name	0
apps	v1	Deployment	Ready	string		0
apps	v1	Deployment	Up-to-date	string		0
apps	v1	Deployment	Available	string		0
apps	v1	Deployment	Age	string		0
apps	v1	Deployment	Containers	string		1
apps	v1	Deployment	Images	string		1
apps	v1	Deployment	Selector	string		1
apps	v1	ReplicaSet	Name	string	name	0
apps	v1	ReplicaSet	Desired	integer		0
apps	v1	ReplicaSet	Current	integer		0
apps	v1	ReplicaSet	Ready	integer		0
apps	v1	ReplicaSet	Age	string		0
apps	v1	ReplicaSet	Containers	string		1
apps	v1	ReplicaSet	Images	string		1
apps	v1	ReplicaSet	Selector	string		1
apps	v1	StatefulSet	Name	string	name	0
apps	v1	StatefulSet	Ready	string		0
apps	v1	StatefulSet	Age	string		0
apps	v1	StatefulSet	Containers	string		1
apps	v1	StatefulSet	Images	string		1
events.k8s.io	v1	Event	Last Seen	string		0
events.k8s.io	v1	Event	Type	string		0
events.k8s.io	v1	Event	Reason	string		0
events.k8s.io	v1	Event	Object	string		0
events.k8s.io	v1	Event	Subobject	string		1
events.k8s.io	v1	Event	Source	string		1
events.k8s.io	v1	Event	Message	string		0
events.k8s.io	v1	Event	First Seen	string		1
events.k8s.io	v1	Event	Count	string		1
events.k8s.io	v1	Event	Name	string	name	1
autoscaling	v2	HorizontalPodAutoscaler	Name	string	name	0
autoscaling	v2	HorizontalPodAutoscaler	Reference	string		0
autoscaling	v2	HorizontalPodAutoscaler	Targets	string		0
autoscaling	v2	HorizontalPodAutoscaler	MinPods	string		0
autoscaling	v2	HorizontalPodAutoscaler	MaxPods	string		0
autoscaling	v2	HorizontalPodAutoscaler	Replicas	string		0
autoscaling	v2	HorizontalPodAutoscaler	Age	string		0
autoscaling	v1	HorizontalPodAutoscaler	Name	string	name	0
autoscaling	v1	HorizontalPodAutoscaler	Reference	string		0
autoscaling	v1	HorizontalPodAutoscaler	Targets	string		0
autoscaling	v1	HorizontalPodAutoscaler	MinPods	string		0
autoscaling	v1	HorizontalPodAutoscaler	MaxPods	string		0
autoscaling	v1	HorizontalPodAutoscaler	Replicas	string		0
autoscaling	v1	HorizontalPodAutoscaler	Age	string		0
batch	v1	CronJob	Name	string	name	0
batch	v1	CronJob	Schedule	string		0
batch	v1	CronJob	Timezone	string		0
batch	v1	CronJob	Suspend	boolean		0
batch	v1	CronJob	Active	integer		0
batch	v1	CronJob	Last Schedule	string		0
batch	v1	CronJob	Age	string		0
batch	v1	CronJob	Containers	string		1
batch	v1	CronJob	Images	string		1
batch	v1	CronJob	Selector	string		1
batch	v1	Job	Name	string	name	0
batch	v1	Job	Status	string		0
batch	v1	Job	Completions	string		0
batch	v1	Job	Duration	string		0
batch	v1	Job	Age	string		0
batch	v1	Job	Containers	string		1
batch	v1	Job	Images	string		1
batch	v1	Job	Selector	string		1
certificates.k8s.io	v1	CertificateSigningRequest	Name	string	name	0
certificates.k8s.io	v1	CertificateSigningRequest	Age	string		0
certificates.k8s.io	v1	CertificateSigningRequest	SignerName	string		0
certificates.k8s.io	v1	CertificateSigningRequest	Requestor	string		0
certificates.k8s.io	v1	CertificateSigningRequest	RequestedDuration	string		0
certificates.k8s.io	v1	CertificateSigningRequest	Condition	string		0
networking.k8s.io	v1	IngressClass	Name	string	name	0
networking.k8s.io	v1	IngressClass	Controller	string		0
networking.k8s.io	v1	IngressClass	Parameters	string		0
networking.k8s.io	v1	IngressClass	Age	string		0
networking.k8s.io	v1	Ingress	Name	string	name	0
networking.k8s.io	v1	Ingress	Class	string		0
networking.k8s.io	v1	Ingress	Hosts	string		0
networking.k8s.io	v1	Ingress	Address	string		0
networking.k8s.io	v1	Ingress	Ports	string		0
networking.k8s.io	v1	Ingress	Age	string		0
networking.k8s.io	v1	IPAddress	Name	string	name	0
networking.k8s.io	v1	IPAddress	ParentRef	string		0
networking.k8s.io	v1	NetworkPolicy	Name	string	name	0
networking.k8s.io	v1	NetworkPolicy	Pod-Selector	string		0
networking.k8s.io	v1	NetworkPolicy	Age	string		0
networking.k8s.io	v1	ServiceCIDR	Name	string	name	0
networking.k8s.io	v1	ServiceCIDR	CIDRs	string		0
networking.k8s.io	v1	ServiceCIDR	Age	string		0
policy	v1	PodDisruptionBudget	Name	string	name	0
policy	v1	PodDisruptionBudget	Min Available	string		0
policy	v1	PodDisruptionBudget	Max Unavailable	string		0
policy	v1	PodDisruptionBudget	Allowed Disruptions	integer		0
policy	v1	PodDisruptionBudget	Age	string		0
rbac.authorization.k8s.io	v1	ClusterRoleBinding	Name	string	name	0
rbac.authorization.k8s.io	v1	ClusterRoleBinding	Role	string		0
rbac.authorization.k8s.io	v1	ClusterRoleBinding	Age	string		0
rbac.authorization.k8s.io	v1	ClusterRoleBinding	Users	string		1
rbac.authorization.k8s.io	v1	ClusterRoleBinding	Groups	string		1
rbac.authorization.k8s.io	v1	ClusterRoleBinding	ServiceAccounts	string		1
rbac.authorization.k8s.io	v1	ClusterRole	Name	string	name	0
rbac.authorization.k8s.io	v1	ClusterRole	Created At	date		0
rbac.authorization.k8s.io	v1	RoleBinding	Name	string	name	0
rbac.authorization.k8s.io	v1	RoleBinding	Role	string		0
rbac.authorization.k8s.io	v1	RoleBinding	Age	string		0
rbac.authorization.k8s.io	v1	RoleBinding	Users	string		1
rbac.authorization.k8s.io	v1	RoleBinding	Groups	string		1
rbac.authorization.k8s.io	v1	RoleBinding	ServiceAccounts	string		1
rbac.authorization.k8s.io	v1	Role	Name	string	name	0
rbac.authorization.k8s.io	v1	Role	Created At	date		0
storage.k8s.io	v1	CSIDriver	Name	string	name	0
storage.k8s.io	v1	CSIDriver	AttachRequired	boolean		0
storage.k8s.io	v1	CSIDriver	PodInfoOnMount	boolean		0
storage.k8s.io	v1	CSIDriver	StorageCapacity	boolean		0
storage.k8s.io	v1	CSIDriver	TokenRequests	string		0
storage.k8s.io	v1	CSIDriver	RequiresRepublish	boolean		0
storage.k8s.io	v1	CSIDriver	Modes	string		0
storage.k8s.io	v1	CSIDriver	Age	string		0
storage.k8s.io	v1	CSINode	Name	string	name	0
storage.k8s.io	v1	CSINode	Drivers	integer		0
storage.k8s.io	v1	CSINode	Age	string		0
storage.k8s.io	v1	CSIStorageCapacity	Name	string	name	0
storage.k8s.io	v1	CSIStorageCapacity	Created At	date		0
storage.k8s.io	v1	StorageClass	Name	string	name	0
storage.k8s.io	v1	StorageClass	Provisioner	string		0
storage.k8s.io	v1	StorageClass	ReclaimPolicy	string		0
storage.k8s.io	v1	StorageClass	VolumeBindingMode	string		0
storage.k8s.io	v1	StorageClass	AllowVolumeExpansion	string		0
storage.k8s.io	v1	StorageClass	Age	string		0
storage.k8s.io	v1	VolumeAttachment	Name	string	name	0
storage.k8s.io	v1	VolumeAttachment	Attacher	string	name	0
storage.k8s.io	v1	VolumeAttachment	PV	string		0
storage.k8s.io	v1	VolumeAttachment	Node	string		0
storage.k8s.io	v1	VolumeAttachment	Attached	boolean		0
storage.k8s.io	v1	VolumeAttachment	Age	string		0
storage.k8s.io	v1	VolumeAttributesClass	Name	string	name	0
storage.k8s.io	v1	VolumeAttributesClass	DriverName	string		0
storage.k8s.io	v1	VolumeAttributesClass	Age	string		0
admissionregistration.k8s.io	v1	MutatingAdmissionPolicy	Name	string	name	0
admissionregistration.k8s.io	v1	MutatingAdmissionPolicy	Mutations	integer		0
admissionregistration.k8s.io	v1	MutatingAdmissionPolicy	ParamKind	string		0
admissionregistration.k8s.io	v1	MutatingAdmissionPolicy	Age	string		0
admissionregistration.k8s.io	v1	MutatingAdmissionPolicyBinding	Name	string	name	0
admissionregistration.k8s.io	v1	MutatingAdmissionPolicyBinding	PolicyName	string		0
admissionregistration.k8s.io	v1	MutatingAdmissionPolicyBinding	ParamRef	string		0
admissionregistration.k8s.io	v1	MutatingAdmissionPolicyBinding	Age	string		0
admissionregistration.k8s.io	v1	MutatingWebhookConfiguration	Name	string	name	0
admissionregistration.k8s.io	v1	MutatingWebhookConfiguration	Webhooks	integer		0
admissionregistration.k8s.io	v1	MutatingWebhookConfiguration	Age	string		0
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicy	Name	string	name	0
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicy	Validations	integer		0
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicy	ParamKind	string		0
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicy	Age	string		0
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicyBinding	Name	string	name	0
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicyBinding	PolicyName	string		0
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicyBinding	ParamRef	string		0
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicyBinding	Age	string		0
admissionregistration.k8s.io	v1	ValidatingWebhookConfiguration	Name	string	name	0
admissionregistration.k8s.io	v1	ValidatingWebhookConfiguration	Webhooks	integer		0
admissionregistration.k8s.io	v1	ValidatingWebhookConfiguration	Age	string		0
apiextensions.k8s.io	v1	CustomResourceDefinition	Name	string	name	0
apiextensions.k8s.io	v1	CustomResourceDefinition	Created At	date		0
scheduling.k8s.io	v1	PriorityClass	Name	string	name	0
scheduling.k8s.io	v1	PriorityClass	Value	integer		0
scheduling.k8s.io	v1	PriorityClass	Global-Default	boolean		0
scheduling.k8s.io	v1	PriorityClass	Age	string		0
scheduling.k8s.io	v1	PriorityClass	PreemptionPolicy	string		0
coordination.k8s.io	v1	Lease	Name	string	name	0
coordination.k8s.io	v1	Lease	Holder	string		0
coordination.k8s.io	v1	Lease	Age	string		0
node.k8s.io	v1	RuntimeClass	Name	string	name	0
node.k8s.io	v1	RuntimeClass	Handler	string		0
node.k8s.io	v1	RuntimeClass	Age	string		0
discovery.k8s.io	v1	EndpointSlice	Name	string	name	0
discovery.k8s.io	v1	EndpointSlice	AddressType	string		0
discovery.k8s.io	v1	EndpointSlice	Ports	string		0
discovery.k8s.io	v1	EndpointSlice	Endpoints	string		0
discovery.k8s.io	v1	EndpointSlice	Age	string		0
resource.k8s.io	v1	DeviceClass	Name	string	name	0
resource.k8s.io	v1	DeviceClass	Age	string		0
resource.k8s.io	v1	ResourceClaim	Name	string	name	0
resource.k8s.io	v1	ResourceClaim	State	string		0
resource.k8s.io	v1	ResourceClaim	Age	string		0
resource.k8s.io	v1	ResourceClaimTemplate	Name	string	name	0
resource.k8s.io	v1	ResourceClaimTemplate	Age	string		0
resource.k8s.io	v1	ResourceSlice	Name	string	name	0
resource.k8s.io	v1	ResourceSlice	Node	string		0
resource.k8s.io	v1	ResourceSlice	Driver	string		0
resource.k8s.io	v1	ResourceSlice	Pool	string		0
resource.k8s.io	v1	ResourceSlice	Age	string		0
flowcontrol.apiserver.k8s.io	v1	FlowSchema	Name	string	name	0
flowcontrol.apiserver.k8s.io	v1	FlowSchema	PriorityLevel	string		0
flowcontrol.apiserver.k8s.io	v1	FlowSchema	MatchingPrecedence	string		0
flowcontrol.apiserver.k8s.io	v1	FlowSchema	DistinguisherMethod	string		0
flowcontrol.apiserver.k8s.io	v1	FlowSchema	Age	string		0
flowcontrol.apiserver.k8s.io	v1	FlowSchema	MissingPL	string		0
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfiguration	Name	string	name	0
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfiguration	Type	string		0
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfiguration	NominalConcurrencyShares	string		0
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfiguration	Queues	string		0
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfiguration	HandSize	string		0
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfiguration	QueueLengthLimit	string		0
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfiguration	Age	string		0
autoscaling	v1	Scale	Name	string		0
autoscaling	v1	Scale	Desired	integer		0
autoscaling	v1	Scale	Available	integer		0
autoscaling	v1	Scale	Age	string		0
meta.k8s.io	v1	Status	Status	string		0
meta.k8s.io	v1	Status	Reason	string		0
meta.k8s.io	v1	Status	Message	string		0
metrics.k8s.io	v1beta1	NodeMetrics	Name	string	name	0
metrics.k8s.io	v1beta1	NodeMetrics	cpu	string	quantity	0
metrics.k8s.io	v1beta1	NodeMetrics	memory	string	quantity	0
metrics.k8s.io	v1beta1	NodeMetrics	Window	string	duration	0
metrics.k8s.io	v1beta1	PodMetrics	Name	string	name	0
metrics.k8s.io	v1beta1	PodMetrics	cpu	string	quantity	0
metrics.k8s.io	v1beta1	PodMetrics	memory	string	quantity	0
metrics.k8s.io	v1beta1	PodMetrics	Window	string	duration	0
"""#
}
