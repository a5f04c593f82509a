// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// Every kind that may stand at the root of a request or an answer.
enum KindTable {
    static let text: StaticString = #"""
admission.k8s.io	v1	AdmissionReview	io.k8s.api.admission.v1.AdmissionReview
admissionregistration.k8s.io	v1	MutatingAdmissionPolicy	io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy
admissionregistration.k8s.io	v1	MutatingAdmissionPolicyBinding	io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding
admissionregistration.k8s.io	v1	MutatingAdmissionPolicyBindingList	io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingList
admissionregistration.k8s.io	v1	MutatingAdmissionPolicyList	io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyList
admissionregistration.k8s.io	v1	MutatingWebhookConfiguration	io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration
admissionregistration.k8s.io	v1	MutatingWebhookConfigurationList	io.k8s.api.admissionregistration.v1.MutatingWebhookConfigurationList
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicy	io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicyBinding	io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicyBindingList	io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingList
admissionregistration.k8s.io	v1	ValidatingAdmissionPolicyList	io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyList
admissionregistration.k8s.io	v1	ValidatingWebhookConfiguration	io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration
admissionregistration.k8s.io	v1	ValidatingWebhookConfigurationList	io.k8s.api.admissionregistration.v1.ValidatingWebhookConfigurationList
apidiscovery.k8s.io	v2	APIGroupDiscovery	io.k8s.api.apidiscovery.v2.APIGroupDiscovery
apidiscovery.k8s.io	v2	APIGroupDiscoveryList	io.k8s.api.apidiscovery.v2.APIGroupDiscoveryList
apps	v1	ControllerRevision	io.k8s.api.apps.v1.ControllerRevision
apps	v1	ControllerRevisionList	io.k8s.api.apps.v1.ControllerRevisionList
apps	v1	DaemonSet	io.k8s.api.apps.v1.DaemonSet
apps	v1	DaemonSetList	io.k8s.api.apps.v1.DaemonSetList
apps	v1	Deployment	io.k8s.api.apps.v1.Deployment
apps	v1	DeploymentList	io.k8s.api.apps.v1.DeploymentList
apps	v1	ReplicaSet	io.k8s.api.apps.v1.ReplicaSet
apps	v1	ReplicaSetList	io.k8s.api.apps.v1.ReplicaSetList
apps	v1	StatefulSet	io.k8s.api.apps.v1.StatefulSet
apps	v1	StatefulSetList	io.k8s.api.apps.v1.StatefulSetList
authentication.k8s.io	v1	SelfSubjectReview	io.k8s.api.authentication.v1.SelfSubjectReview
authentication.k8s.io	v1	TokenRequest	io.k8s.api.authentication.v1.TokenRequest
authentication.k8s.io	v1	TokenReview	io.k8s.api.authentication.v1.TokenReview
authorization.k8s.io	v1	LocalSubjectAccessReview	io.k8s.api.authorization.v1.LocalSubjectAccessReview
authorization.k8s.io	v1	SelfSubjectAccessReview	io.k8s.api.authorization.v1.SelfSubjectAccessReview
authorization.k8s.io	v1	SelfSubjectRulesReview	io.k8s.api.authorization.v1.SelfSubjectRulesReview
authorization.k8s.io	v1	SubjectAccessReview	io.k8s.api.authorization.v1.SubjectAccessReview
autoscaling	v1	HorizontalPodAutoscaler	io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler
autoscaling	v1	HorizontalPodAutoscalerList	io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerList
autoscaling	v1	Scale	io.k8s.api.autoscaling.v1.Scale
autoscaling	v2	HorizontalPodAutoscaler	io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler
autoscaling	v2	HorizontalPodAutoscalerList	io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerList
batch	v1	CronJob	io.k8s.api.batch.v1.CronJob
batch	v1	CronJobList	io.k8s.api.batch.v1.CronJobList
batch	v1	Job	io.k8s.api.batch.v1.Job
batch	v1	JobList	io.k8s.api.batch.v1.JobList
certificates.k8s.io	v1	CertificateSigningRequest	io.k8s.api.certificates.v1.CertificateSigningRequest
certificates.k8s.io	v1	CertificateSigningRequestList	io.k8s.api.certificates.v1.CertificateSigningRequestList
coordination.k8s.io	v1	Lease	io.k8s.api.coordination.v1.Lease
coordination.k8s.io	v1	LeaseList	io.k8s.api.coordination.v1.LeaseList
	v1	Binding	io.k8s.api.core.v1.Binding
	v1	ComponentStatus	io.k8s.api.core.v1.ComponentStatus
	v1	ComponentStatusList	io.k8s.api.core.v1.ComponentStatusList
	v1	ConfigMap	io.k8s.api.core.v1.ConfigMap
	v1	ConfigMapList	io.k8s.api.core.v1.ConfigMapList
	v1	Endpoints	io.k8s.api.core.v1.Endpoints
	v1	EndpointsList	io.k8s.api.core.v1.EndpointsList
	v1	Event	io.k8s.api.core.v1.Event
	v1	EventList	io.k8s.api.core.v1.EventList
	v1	LimitRange	io.k8s.api.core.v1.LimitRange
	v1	LimitRangeList	io.k8s.api.core.v1.LimitRangeList
	v1	List	io.k8s.api.core.v1.List
	v1	Namespace	io.k8s.api.core.v1.Namespace
	v1	NamespaceList	io.k8s.api.core.v1.NamespaceList
	v1	Node	io.k8s.api.core.v1.Node
	v1	NodeList	io.k8s.api.core.v1.NodeList
	v1	NodeProxyOptions	io.k8s.api.core.v1.NodeProxyOptions
	v1	PersistentVolume	io.k8s.api.core.v1.PersistentVolume
	v1	PersistentVolumeClaim	io.k8s.api.core.v1.PersistentVolumeClaim
	v1	PersistentVolumeClaimList	io.k8s.api.core.v1.PersistentVolumeClaimList
	v1	PersistentVolumeList	io.k8s.api.core.v1.PersistentVolumeList
	v1	Pod	io.k8s.api.core.v1.Pod
	v1	PodAttachOptions	io.k8s.api.core.v1.PodAttachOptions
	v1	PodExecOptions	io.k8s.api.core.v1.PodExecOptions
	v1	PodList	io.k8s.api.core.v1.PodList
	v1	PodLogOptions	io.k8s.api.core.v1.PodLogOptions
	v1	PodPortForwardOptions	io.k8s.api.core.v1.PodPortForwardOptions
	v1	PodProxyOptions	io.k8s.api.core.v1.PodProxyOptions
	v1	PodStatusResult	io.k8s.api.core.v1.PodStatusResult
	v1	PodTemplate	io.k8s.api.core.v1.PodTemplate
	v1	PodTemplateList	io.k8s.api.core.v1.PodTemplateList
	v1	RangeAllocation	io.k8s.api.core.v1.RangeAllocation
	v1	ReplicationController	io.k8s.api.core.v1.ReplicationController
	v1	ReplicationControllerList	io.k8s.api.core.v1.ReplicationControllerList
	v1	ResourceQuota	io.k8s.api.core.v1.ResourceQuota
	v1	ResourceQuotaList	io.k8s.api.core.v1.ResourceQuotaList
	v1	Secret	io.k8s.api.core.v1.Secret
	v1	SecretList	io.k8s.api.core.v1.SecretList
	v1	SerializedReference	io.k8s.api.core.v1.SerializedReference
	v1	Service	io.k8s.api.core.v1.Service
	v1	ServiceAccount	io.k8s.api.core.v1.ServiceAccount
	v1	ServiceAccountList	io.k8s.api.core.v1.ServiceAccountList
	v1	ServiceList	io.k8s.api.core.v1.ServiceList
	v1	ServiceProxyOptions	io.k8s.api.core.v1.ServiceProxyOptions
discovery.k8s.io	v1	EndpointSlice	io.k8s.api.discovery.v1.EndpointSlice
discovery.k8s.io	v1	EndpointSliceList	io.k8s.api.discovery.v1.EndpointSliceList
events.k8s.io	v1	Event	io.k8s.api.events.v1.Event
events.k8s.io	v1	EventList	io.k8s.api.events.v1.EventList
flowcontrol.apiserver.k8s.io	v1	FlowSchema	io.k8s.api.flowcontrol.v1.FlowSchema
flowcontrol.apiserver.k8s.io	v1	FlowSchemaList	io.k8s.api.flowcontrol.v1.FlowSchemaList
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfiguration	io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration
flowcontrol.apiserver.k8s.io	v1	PriorityLevelConfigurationList	io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationList
networking.k8s.io	v1	IPAddress	io.k8s.api.networking.v1.IPAddress
networking.k8s.io	v1	IPAddressList	io.k8s.api.networking.v1.IPAddressList
networking.k8s.io	v1	Ingress	io.k8s.api.networking.v1.Ingress
networking.k8s.io	v1	IngressClass	io.k8s.api.networking.v1.IngressClass
networking.k8s.io	v1	IngressClassList	io.k8s.api.networking.v1.IngressClassList
networking.k8s.io	v1	IngressList	io.k8s.api.networking.v1.IngressList
networking.k8s.io	v1	NetworkPolicy	io.k8s.api.networking.v1.NetworkPolicy
networking.k8s.io	v1	NetworkPolicyList	io.k8s.api.networking.v1.NetworkPolicyList
networking.k8s.io	v1	ServiceCIDR	io.k8s.api.networking.v1.ServiceCIDR
networking.k8s.io	v1	ServiceCIDRList	io.k8s.api.networking.v1.ServiceCIDRList
node.k8s.io	v1	RuntimeClass	io.k8s.api.node.v1.RuntimeClass
node.k8s.io	v1	RuntimeClassList	io.k8s.api.node.v1.RuntimeClassList
policy	v1	Eviction	io.k8s.api.policy.v1.Eviction
policy	v1	PodDisruptionBudget	io.k8s.api.policy.v1.PodDisruptionBudget
policy	v1	PodDisruptionBudgetList	io.k8s.api.policy.v1.PodDisruptionBudgetList
rbac.authorization.k8s.io	v1	ClusterRole	io.k8s.api.rbac.v1.ClusterRole
rbac.authorization.k8s.io	v1	ClusterRoleBinding	io.k8s.api.rbac.v1.ClusterRoleBinding
rbac.authorization.k8s.io	v1	ClusterRoleBindingList	io.k8s.api.rbac.v1.ClusterRoleBindingList
rbac.authorization.k8s.io	v1	ClusterRoleList	io.k8s.api.rbac.v1.ClusterRoleList
rbac.authorization.k8s.io	v1	Role	io.k8s.api.rbac.v1.Role
rbac.authorization.k8s.io	v1	RoleBinding	io.k8s.api.rbac.v1.RoleBinding
rbac.authorization.k8s.io	v1	RoleBindingList	io.k8s.api.rbac.v1.RoleBindingList
rbac.authorization.k8s.io	v1	RoleList	io.k8s.api.rbac.v1.RoleList
resource.k8s.io	v1	DeviceClass	io.k8s.api.resource.v1.DeviceClass
resource.k8s.io	v1	DeviceClassList	io.k8s.api.resource.v1.DeviceClassList
resource.k8s.io	v1	ResourceClaim	io.k8s.api.resource.v1.ResourceClaim
resource.k8s.io	v1	ResourceClaimList	io.k8s.api.resource.v1.ResourceClaimList
resource.k8s.io	v1	ResourceClaimTemplate	io.k8s.api.resource.v1.ResourceClaimTemplate
resource.k8s.io	v1	ResourceClaimTemplateList	io.k8s.api.resource.v1.ResourceClaimTemplateList
resource.k8s.io	v1	ResourceSlice	io.k8s.api.resource.v1.ResourceSlice
resource.k8s.io	v1	ResourceSliceList	io.k8s.api.resource.v1.ResourceSliceList
scheduling.k8s.io	v1	PriorityClass	io.k8s.api.scheduling.v1.PriorityClass
scheduling.k8s.io	v1	PriorityClassList	io.k8s.api.scheduling.v1.PriorityClassList
storage.k8s.io	v1	CSIDriver	io.k8s.api.storage.v1.CSIDriver
storage.k8s.io	v1	CSIDriverList	io.k8s.api.storage.v1.CSIDriverList
storage.k8s.io	v1	CSINode	io.k8s.api.storage.v1.CSINode
storage.k8s.io	v1	CSINodeList	io.k8s.api.storage.v1.CSINodeList
storage.k8s.io	v1	CSIStorageCapacity	io.k8s.api.storage.v1.CSIStorageCapacity
storage.k8s.io	v1	CSIStorageCapacityList	io.k8s.api.storage.v1.CSIStorageCapacityList
storage.k8s.io	v1	StorageClass	io.k8s.api.storage.v1.StorageClass
storage.k8s.io	v1	StorageClassList	io.k8s.api.storage.v1.StorageClassList
storage.k8s.io	v1	VolumeAttachment	io.k8s.api.storage.v1.VolumeAttachment
storage.k8s.io	v1	VolumeAttachmentList	io.k8s.api.storage.v1.VolumeAttachmentList
storage.k8s.io	v1	VolumeAttributesClass	io.k8s.api.storage.v1.VolumeAttributesClass
storage.k8s.io	v1	VolumeAttributesClassList	io.k8s.api.storage.v1.VolumeAttributesClassList
apiextensions.k8s.io	v1	ConversionReview	io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ConversionReview
apiextensions.k8s.io	v1	CustomResourceDefinition	io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition
apiextensions.k8s.io	v1	CustomResourceDefinitionList	io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionList
	v1	APIGroup	io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup
	v1	APIGroupList	io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList
	v1	APIResourceList	io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList
	v1	APIVersions	io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions
	v1	CreateOptions	io.k8s.apimachinery.pkg.apis.meta.v1.CreateOptions
	v1	DeleteOptions	io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions
	v1	GetOptions	io.k8s.apimachinery.pkg.apis.meta.v1.GetOptions
	v1	ListOptions	io.k8s.apimachinery.pkg.apis.meta.v1.ListOptions
meta.k8s.io	v1	PartialObjectMetadata	io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata
meta.k8s.io	v1	PartialObjectMetadataList	io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadataList
	v1	PatchOptions	io.k8s.apimachinery.pkg.apis.meta.v1.PatchOptions
	v1	Status	io.k8s.apimachinery.pkg.apis.meta.v1.Status
meta.k8s.io	v1	Table	io.k8s.apimachinery.pkg.apis.meta.v1.Table
meta.k8s.io	v1	TableOptions	io.k8s.apimachinery.pkg.apis.meta.v1.TableOptions
	v1	UpdateOptions	io.k8s.apimachinery.pkg.apis.meta.v1.UpdateOptions
	v1	WatchEvent	io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent
audit.k8s.io	v1	Event	io.k8s.apiserver.pkg.apis.audit.v1.Event
audit.k8s.io	v1	EventList	io.k8s.apiserver.pkg.apis.audit.v1.EventList
audit.k8s.io	v1	Policy	io.k8s.apiserver.pkg.apis.audit.v1.Policy
audit.k8s.io	v1	PolicyList	io.k8s.apiserver.pkg.apis.audit.v1.PolicyList
apiregistration.k8s.io	v1	APIService	io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService
apiregistration.k8s.io	v1	APIServiceList	io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceList
metrics.k8s.io	v1beta1	NodeMetrics	io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics
metrics.k8s.io	v1beta1	NodeMetricsList	io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetricsList
metrics.k8s.io	v1beta1	PodMetrics	io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics
metrics.k8s.io	v1beta1	PodMetricsList	io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetricsList
"""#
}
