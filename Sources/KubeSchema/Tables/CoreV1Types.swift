// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.core.v1.
enum CoreV1Types {
    static let text: StaticString = #"""
=io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource	object
volumeID	1	string	!	+	d=""
fsType	2	string
partition	3	int32
readOnly	4	boolean
=io.k8s.api.core.v1.Affinity	object
nodeAffinity	1	#.NodeAffinity	*
podAffinity	2	#.PodAffinity	*
podAntiAffinity	3	#.PodAntiAffinity	*
=io.k8s.api.core.v1.AppArmorProfile	object
type	1	string	!	+	d=""	e=Localhost|RuntimeDefault|Unconfined
localhostProfile	2	string	*
=io.k8s.api.core.v1.AttachedVolume	object
name	1	string	!	+	d=""
devicePath	2	string	!	+	d=""
=io.k8s.api.core.v1.AzureDiskVolumeSource	object
diskName	1	string	!	+	d=""
diskURI	2	string	!	+	d=""
cachingMode	3	string	*	d="ReadWrite"	e=None|ReadOnly|ReadWrite
fsType	4	string	*	d="ext4"
readOnly	5	boolean	*	d=false
kind	6	string	*	d="Shared"	e=Dedicated|Managed|Shared
=io.k8s.api.core.v1.AzureFilePersistentVolumeSource	object
secretName	1	string	!	+	d=""
shareName	2	string	!	+	d=""
readOnly	3	boolean
secretNamespace	4	string	*	+
=io.k8s.api.core.v1.AzureFileVolumeSource	object
secretName	1	string	!	+	d=""
shareName	2	string	!	+	d=""
readOnly	3	boolean
=io.k8s.api.core.v1.Binding	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
target	2	#.ObjectReference	!	+
=io.k8s.api.core.v1.CSIPersistentVolumeSource	object
driver	1	string	!	+	d=""
volumeHandle	2	string	!	+	d=""
readOnly	3	boolean
fsType	4	string
volumeAttributes	5	{}string
controllerPublishSecretRef	6	#.SecretReference	*
nodeStageSecretRef	7	#.SecretReference	*
nodePublishSecretRef	8	#.SecretReference	*
controllerExpandSecretRef	9	#.SecretReference	*
nodeExpandSecretRef	10	#.SecretReference	*
=io.k8s.api.core.v1.CSIVolumeSource	object
driver	1	string	!	+	d=""
readOnly	2	boolean	*
fsType	3	string	*
volumeAttributes	4	{}string
nodePublishSecretRef	5	#.LocalObjectReference	*
=io.k8s.api.core.v1.Capabilities	object
add	1	[]string	l=atomic
drop	2	[]string	l=atomic
=io.k8s.api.core.v1.CephFSPersistentVolumeSource	object
monitors	1	[]string	!	+	l=atomic
path	2	string
user	3	string
secretFile	4	string
secretRef	5	#.SecretReference	*
readOnly	6	boolean
=io.k8s.api.core.v1.CephFSVolumeSource	object
monitors	1	[]string	!	+	l=atomic
path	2	string
user	3	string
secretFile	4	string
secretRef	5	#.LocalObjectReference	*
readOnly	6	boolean
=io.k8s.api.core.v1.CinderPersistentVolumeSource	object
volumeID	1	string	!	+	d=""
fsType	2	string
readOnly	3	boolean
secretRef	4	#.SecretReference	*
=io.k8s.api.core.v1.CinderVolumeSource	object
volumeID	1	string	!	+	d=""
fsType	2	string
readOnly	3	boolean
secretRef	4	#.LocalObjectReference	*
=io.k8s.api.core.v1.ClientIPConfig	object
timeoutSeconds	1	int32	*
=io.k8s.api.core.v1.ClusterTrustBundleProjection	object
name	1	string	*
signerName	2	string	*
labelSelector	3	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
optional	5	boolean	*
path	4	string	!	+	d=""
=io.k8s.api.core.v1.ComponentCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
message	3	string
error	4	string
=io.k8s.api.core.v1.ComponentStatus	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
conditions	2	[]#.ComponentCondition	l=map	k=type	p=merge	q=type
=io.k8s.api.core.v1.ComponentStatusList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ComponentStatus	!	+
=io.k8s.api.core.v1.ConfigMap	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
immutable	4	boolean	*
data	2	{}string
binaryData	3	{}bytes
=io.k8s.api.core.v1.ConfigMapEnvSource	object
name	1.1	string	d=""
optional	2	boolean	*
=io.k8s.api.core.v1.ConfigMapKeySelector	object
name	1.1	string	d=""
key	2	string	!	+	d=""
optional	3	boolean	*
=io.k8s.api.core.v1.ConfigMapList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ConfigMap	!	+
=io.k8s.api.core.v1.ConfigMapNodeConfigSource	object
namespace	1	string	!	+	d=""
name	2	string	!	+	d=""
uid	3	string
resourceVersion	4	string
kubeletConfigKey	5	string	!	+	d=""
=io.k8s.api.core.v1.ConfigMapProjection	object
name	1.1	string	d=""
items	2	[]#.KeyToPath	l=atomic
optional	4	boolean	*
=io.k8s.api.core.v1.ConfigMapVolumeSource	object
name	1.1	string	d=""
items	2	[]#.KeyToPath	l=atomic
defaultMode	3	int32	*
optional	4	boolean	*
=io.k8s.api.core.v1.Container	object
name	1	string	!	+	d=""
image	2	string
command	3	[]string	l=atomic
args	4	[]string	l=atomic
workingDir	5	string
ports	6	[]#.ContainerPort	l=map	k=containerPort,protocol	p=merge	q=containerPort
envFrom	19	[]#.EnvFromSource	l=atomic
env	7	[]#.EnvVar	l=map	k=name	p=merge	q=name
resources	8	#.ResourceRequirements	+
resizePolicy	23	[]#.ContainerResizePolicy	l=atomic
restartPolicy	24	string	*
restartPolicyRules	25	[]#.ContainerRestartRule	l=atomic
volumeMounts	9	[]#.VolumeMount	l=map	k=mountPath	p=merge	q=mountPath
volumeDevices	21	[]#.VolumeDevice	l=map	k=devicePath	p=merge	q=devicePath
livenessProbe	10	#.Probe	*
readinessProbe	11	#.Probe	*
startupProbe	22	#.Probe	*
lifecycle	12	#.Lifecycle	*
terminationMessagePath	13	string
terminationMessagePolicy	20	string	e=FallbackToLogsOnError|File
imagePullPolicy	14	string	e=Always|IfNotPresent|Never
securityContext	15	#.SecurityContext	*
stdin	16	boolean
stdinOnce	17	boolean
tty	18	boolean
=io.k8s.api.core.v1.ContainerExtendedResourceRequest	object
containerName	1	string	!	+	d=""
resourceName	2	string	!	+	d=""
requestName	3	string	!	+	d=""
=io.k8s.api.core.v1.ContainerImage	object
names	1	[]string	+	l=atomic
sizeBytes	2	int64
=io.k8s.api.core.v1.ContainerPort	object
name	1	string
hostPort	2	int32
containerPort	3	int32	!	+	d=0
protocol	4	string	d="TCP"	e=SCTP|TCP|UDP
hostIP	5	string
=io.k8s.api.core.v1.ContainerResizePolicy	object
resourceName	1	string	!	+	d=""
restartPolicy	2	string	!	+	d=""
=io.k8s.api.core.v1.ContainerRestartRule	object
action	1	string	!
exitCodes	2	#.ContainerRestartRuleOnExitCodes	*
=io.k8s.api.core.v1.ContainerRestartRuleOnExitCodes	object
operator	1	string	!
values	2	[]int32	l=set
=io.k8s.api.core.v1.ContainerState	object
waiting	1	#.ContainerStateWaiting	*
running	2	#.ContainerStateRunning	*
terminated	3	#.ContainerStateTerminated	*
=io.k8s.api.core.v1.ContainerStateRunning	object
startedAt	1	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
=io.k8s.api.core.v1.ContainerStateTerminated	object
exitCode	1	int32	!	+	d=0
signal	2	int32
reason	3	string
message	4	string
startedAt	5	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
finishedAt	6	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
containerID	7	string
=io.k8s.api.core.v1.ContainerStateWaiting	object
reason	1	string
message	2	string
=io.k8s.api.core.v1.ContainerStatus	object
name	1	string	!	+	d=""
state	2	#.ContainerState	+
lastState	3	#.ContainerState	+
ready	4	boolean	!	+	d=false
restartCount	5	int32	!	+	d=0
image	6	string	!	+	d=""
imageID	7	string	!	+	d=""
containerID	8	string
started	9	boolean	*
allocatedResources	10	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
resources	11	#.ResourceRequirements	*
volumeMounts	12	[]#.VolumeMountStatus	l=map	k=mountPath	p=merge	q=mountPath
user	13	#.ContainerUser	*
allocatedResourcesStatus	14	[]#.ResourceStatus	l=map	k=name	p=merge	q=name
stopSignal	15	string	*	e=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
=io.k8s.api.core.v1.ContainerUser	object
linux	1	#.LinuxContainerUser	*
=io.k8s.api.core.v1.DaemonEndpoint	object
Port	1	int32	!	+	d=0
=io.k8s.api.core.v1.DownwardAPIProjection	object
items	1	[]#.DownwardAPIVolumeFile	l=atomic
=io.k8s.api.core.v1.DownwardAPIVolumeFile	object
path	1	string	!	+	d=""
fieldRef	2	#.ObjectFieldSelector	*
resourceFieldRef	3	#.ResourceFieldSelector	*
mode	4	int32	*
=io.k8s.api.core.v1.DownwardAPIVolumeSource	object
items	1	[]#.DownwardAPIVolumeFile	l=atomic
defaultMode	2	int32	*
=io.k8s.api.core.v1.EmptyDirVolumeSource	object
medium	1	string
sizeLimit	2	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
=io.k8s.api.core.v1.EndpointAddress	object
ip	1	string	!	+	d=""
hostname	3	string
nodeName	4	string	*
targetRef	2	#.ObjectReference	*
=io.k8s.api.core.v1.EndpointPort	object
name	1	string
port	2	int32	!	+	d=0
protocol	3	string	e=SCTP|TCP|UDP
appProtocol	4	string	*
=io.k8s.api.core.v1.EndpointSubset	object
addresses	1	[]#.EndpointAddress	l=atomic
notReadyAddresses	2	[]#.EndpointAddress	l=atomic
ports	3	[]#.EndpointPort	l=atomic
=io.k8s.api.core.v1.Endpoints	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
subsets	2	[]#.EndpointSubset	l=atomic
=io.k8s.api.core.v1.EndpointsList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Endpoints	!	+
=io.k8s.api.core.v1.EnvFromSource	object
prefix	1	string
configMapRef	2	#.ConfigMapEnvSource	*
secretRef	3	#.SecretEnvSource	*
=io.k8s.api.core.v1.EnvVar	object
name	1	string	!	+	d=""
value	2	string
valueFrom	3	#.EnvVarSource	*
=io.k8s.api.core.v1.EnvVarSource	object
fieldRef	1	#.ObjectFieldSelector	*
resourceFieldRef	2	#.ResourceFieldSelector	*
configMapKeyRef	3	#.ConfigMapKeySelector	*
secretKeyRef	4	#.SecretKeySelector	*
fileKeyRef	5	#.FileKeySelector	*
=io.k8s.api.core.v1.EphemeralContainer	object
name	1.1	string	!	+	d=""
image	1.2	string
command	1.3	[]string	l=atomic
args	1.4	[]string	l=atomic
workingDir	1.5	string
ports	1.6	[]#.ContainerPort	l=map	k=containerPort,protocol	p=merge	q=containerPort
envFrom	1.19	[]#.EnvFromSource	l=atomic
env	1.7	[]#.EnvVar	l=map	k=name	p=merge	q=name
resources	1.8	#.ResourceRequirements	+
resizePolicy	1.23	[]#.ContainerResizePolicy	l=atomic
restartPolicy	1.24	string	*
restartPolicyRules	1.25	[]#.ContainerRestartRule	l=atomic
volumeMounts	1.9	[]#.VolumeMount	l=map	k=mountPath	p=merge	q=mountPath
volumeDevices	1.21	[]#.VolumeDevice	l=map	k=devicePath	p=merge	q=devicePath
livenessProbe	1.10	#.Probe	*
readinessProbe	1.11	#.Probe	*
startupProbe	1.22	#.Probe	*
lifecycle	1.12	#.Lifecycle	*
terminationMessagePath	1.13	string
terminationMessagePolicy	1.20	string	e=FallbackToLogsOnError|File
imagePullPolicy	1.14	string	e=Always|IfNotPresent|Never
securityContext	1.15	#.SecurityContext	*
stdin	1.16	boolean
stdinOnce	1.17	boolean
tty	1.18	boolean
targetContainerName	2	string
=io.k8s.api.core.v1.EphemeralContainerCommon	object
name	1	string	!	+
image	2	string
command	3	[]string	l=atomic
args	4	[]string	l=atomic
workingDir	5	string
ports	6	[]#.ContainerPort	l=map	k=containerPort,protocol	p=merge	q=containerPort
envFrom	19	[]#.EnvFromSource	l=atomic
env	7	[]#.EnvVar	l=map	k=name	p=merge	q=name
resources	8	#.ResourceRequirements	+
resizePolicy	23	[]#.ContainerResizePolicy	l=atomic
restartPolicy	24	string	*
restartPolicyRules	25	[]#.ContainerRestartRule	l=atomic
volumeMounts	9	[]#.VolumeMount	l=map	k=mountPath	p=merge	q=mountPath
volumeDevices	21	[]#.VolumeDevice	l=map	k=devicePath	p=merge	q=devicePath
livenessProbe	10	#.Probe	*
readinessProbe	11	#.Probe	*
startupProbe	22	#.Probe	*
lifecycle	12	#.Lifecycle	*
terminationMessagePath	13	string
terminationMessagePolicy	20	string	e=FallbackToLogsOnError|File
imagePullPolicy	14	string	e=Always|IfNotPresent|Never
securityContext	15	#.SecurityContext	*
stdin	16	boolean
stdinOnce	17	boolean
tty	18	boolean
=io.k8s.api.core.v1.EphemeralVolumeSource	object
volumeClaimTemplate	1	#.PersistentVolumeClaimTemplate	*
=io.k8s.api.core.v1.Event	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	!	+
involvedObject	2	#.ObjectReference	!	+
reason	3	string
message	4	string
source	5	#.EventSource	+
firstTimestamp	6	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
lastTimestamp	7	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
count	8	int32
type	9	string
eventTime	10	#io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	+
series	11	#.EventSeries	*
action	12	string
related	13	#.ObjectReference	*
reportingComponent	14	string	+	d=""
reportingInstance	15	string	+	d=""
=io.k8s.api.core.v1.EventList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Event	!	+
=io.k8s.api.core.v1.EventSeries	object
count	1	int32
lastObservedTime	2	#io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	+
=io.k8s.api.core.v1.EventSource	object
component	1	string
host	2	string
=io.k8s.api.core.v1.ExecAction	object
command	1	[]string	l=atomic
=io.k8s.api.core.v1.FCVolumeSource	object
targetWWNs	1	[]string	l=atomic
lun	2	int32	*
fsType	3	string
readOnly	4	boolean
wwids	5	[]string	l=atomic
=io.k8s.api.core.v1.FileKeySelector	object
volumeName	1	string	!	+	d=""
path	2	string	!	+	d=""
key	3	string	!	+	d=""
optional	4	boolean	*	d=false
=io.k8s.api.core.v1.FlexPersistentVolumeSource	object
driver	1	string	!	+	d=""
fsType	2	string
secretRef	3	#.SecretReference	*
readOnly	4	boolean
options	5	{}string
=io.k8s.api.core.v1.FlexVolumeSource	object
driver	1	string	!	+	d=""
fsType	2	string
secretRef	3	#.LocalObjectReference	*
readOnly	4	boolean
options	5	{}string
=io.k8s.api.core.v1.FlockerVolumeSource	object
datasetName	1	string
datasetUUID	2	string
=io.k8s.api.core.v1.GCEPersistentDiskVolumeSource	object
pdName	1	string	!	+	d=""
fsType	2	string
partition	3	int32
readOnly	4	boolean
=io.k8s.api.core.v1.GRPCAction	object
port	1	int32	!	+	d=0
service	2	string	*	+	d=""
=io.k8s.api.core.v1.GitRepoVolumeSource	object
repository	1	string	!	+	d=""
revision	2	string
directory	3	string
=io.k8s.api.core.v1.GlusterfsPersistentVolumeSource	object
endpoints	1	string	!	+	d=""
path	2	string	!	+	d=""
readOnly	3	boolean
endpointsNamespace	4	string	*
=io.k8s.api.core.v1.GlusterfsVolumeSource	object
endpoints	1	string	!	+	d=""
path	2	string	!	+	d=""
readOnly	3	boolean
=io.k8s.api.core.v1.HTTPGetAction	object
path	1	string
port	2	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	!	+
host	3	string
scheme	4	string	e=HTTP|HTTPS
httpHeaders	5	[]#.HTTPHeader	l=atomic
=io.k8s.api.core.v1.HTTPHeader	object
name	1	string	!	+	d=""
value	2	string	!	+	d=""
=io.k8s.api.core.v1.HostAlias	object
ip	1	string	!	+	d=""
hostnames	2	[]string	l=atomic
=io.k8s.api.core.v1.HostIP	object
ip	1	string	!	+	d=""
=io.k8s.api.core.v1.HostPathVolumeSource	object
path	1	string	!	+	d=""
type	2	string	*	e=|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
=io.k8s.api.core.v1.ISCSIPersistentVolumeSource	object
targetPortal	1	string	!	+	d=""
iqn	2	string	!	+	d=""
lun	3	int32	!	+	d=0
iscsiInterface	4	string	d="default"
fsType	5	string
readOnly	6	boolean
portals	7	[]string	l=atomic
chapAuthDiscovery	8	boolean
chapAuthSession	11	boolean
secretRef	10	#.SecretReference	*
initiatorName	12	string	*
=io.k8s.api.core.v1.ISCSIVolumeSource	object
targetPortal	1	string	!	+	d=""
iqn	2	string	!	+	d=""
lun	3	int32	!	+	d=0
iscsiInterface	4	string	d="default"
fsType	5	string
readOnly	6	boolean
portals	7	[]string	l=atomic
chapAuthDiscovery	8	boolean
chapAuthSession	11	boolean
secretRef	10	#.LocalObjectReference	*
initiatorName	12	string	*
=io.k8s.api.core.v1.ImageVolumeSource	object
reference	1	string
pullPolicy	2	string	e=Always|IfNotPresent|Never
=io.k8s.api.core.v1.ImageVolumeStatus	object
imageRef	1	string	!	c=maxLength=256
=io.k8s.api.core.v1.KeyToPath	object
key	1	string	!	+	d=""
path	2	string	!	+	d=""
mode	3	int32	*
=io.k8s.api.core.v1.Lifecycle	object
postStart	1	#.LifecycleHandler	*
preStop	2	#.LifecycleHandler	*
stopSignal	3	string	*	e=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
=io.k8s.api.core.v1.LifecycleHandler	object
exec	1	#.ExecAction	*
httpGet	2	#.HTTPGetAction	*
tcpSocket	3	#.TCPSocketAction	*
sleep	4	#.SleepAction	*
=io.k8s.api.core.v1.LimitRange	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.LimitRangeSpec	+
=io.k8s.api.core.v1.LimitRangeItem	object
type	1	string	!	+	d=""
max	2	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
min	3	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
default	4	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
defaultRequest	5	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
maxLimitRequestRatio	6	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
=io.k8s.api.core.v1.LimitRangeList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.LimitRange	!	+
=io.k8s.api.core.v1.LimitRangeSpec	object
limits	1	[]#.LimitRangeItem	!	+	l=atomic
=io.k8s.api.core.v1.LinuxContainerUser	object
uid	1	int64	!	+	d=0
gid	2	int64	!	+	d=0
supplementalGroups	3	[]int64	l=atomic
=io.k8s.api.core.v1.List	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#io.k8s.apimachinery.pkg.runtime.RawExtension	!	+
=io.k8s.api.core.v1.LoadBalancerIngress	object
ip	1	string
hostname	2	string
ipMode	3	string	*
ports	4	[]#.PortStatus	l=atomic
=io.k8s.api.core.v1.LoadBalancerStatus	object
ingress	1	[]#.LoadBalancerIngress	l=atomic
=io.k8s.api.core.v1.LocalObjectReference	object
name	1	string	d=""
=io.k8s.api.core.v1.LocalVolumeSource	object
path	1	string	!	+	d=""
fsType	2	string	*
=io.k8s.api.core.v1.ModifyVolumeStatus	object
targetVolumeAttributesClassName	1	string
status	2	string	!	+	d=""	e=InProgress|Infeasible|Pending
=io.k8s.api.core.v1.NFSVolumeSource	object
server	1	string	!	+	d=""
path	2	string	!	+	d=""
readOnly	3	boolean
=io.k8s.api.core.v1.Namespace	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.NamespaceSpec	+
status	3	#.NamespaceStatus	+
=io.k8s.api.core.v1.NamespaceCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastTransitionTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	5	string
message	6	string
=io.k8s.api.core.v1.NamespaceList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Namespace	!	+
=io.k8s.api.core.v1.NamespaceSpec	object
finalizers	1	[]string	l=atomic
=io.k8s.api.core.v1.NamespaceStatus	object
phase	1	string	e=Active|Terminating
conditions	2	[]#.NamespaceCondition	l=map	k=type	p=merge	q=type
=io.k8s.api.core.v1.Node	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.NodeSpec	+
status	3	#.NodeStatus	+
=io.k8s.api.core.v1.NodeAddress	object
type	1	string	!	+	d=""
address	2	string	!	+	d=""
=io.k8s.api.core.v1.NodeAffinity	object
requiredDuringSchedulingIgnoredDuringExecution	1	#.NodeSelector	*
preferredDuringSchedulingIgnoredDuringExecution	2	[]#.PreferredSchedulingTerm	l=atomic
=io.k8s.api.core.v1.NodeAllocatableResourceClaimStatus	object
resourceClaimName	1	string	!	+	d=""
containers	2	[]string	l=set
resources	3	{}#io.k8s.apimachinery.pkg.api.resource.Quantity	!	+
=io.k8s.api.core.v1.NodeCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastHeartbeatTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
lastTransitionTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	5	string
message	6	string
=io.k8s.api.core.v1.NodeConfigSource	object
configMap	2	#.ConfigMapNodeConfigSource	*
=io.k8s.api.core.v1.NodeConfigStatus	object
assigned	1	#.NodeConfigSource	*
active	2	#.NodeConfigSource	*
lastKnownGood	3	#.NodeConfigSource	*
error	4	string
=io.k8s.api.core.v1.NodeDaemonEndpoints	object
kubeletEndpoint	1	#.DaemonEndpoint	+
=io.k8s.api.core.v1.NodeFeatures	object
supplementalGroupsPolicy	1	boolean	*
=io.k8s.api.core.v1.NodeList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Node	!	+
=io.k8s.api.core.v1.NodeProxyOptions	object
kind		string
apiVersion		string
path	1	string
=io.k8s.api.core.v1.NodeRuntimeHandler	object
name	1	string	+	d=""
features	2	#.NodeRuntimeHandlerFeatures	*
=io.k8s.api.core.v1.NodeRuntimeHandlerFeatures	object
recursiveReadOnlyMounts	1	boolean	*
userNamespaces	2	boolean	*
=io.k8s.api.core.v1.NodeSelector	object
nodeSelectorTerms	1	[]#.NodeSelectorTerm	!	+	l=atomic
=io.k8s.api.core.v1.NodeSelectorRequirement	object
key	1	string	!	+	d=""
operator	2	string	!	+	d=""	e=DoesNotExist|Exists|Gt|In|Lt|NotIn
values	3	[]string	l=atomic
=io.k8s.api.core.v1.NodeSelectorTerm	object
matchExpressions	1	[]#.NodeSelectorRequirement	l=atomic
matchFields	2	[]#.NodeSelectorRequirement	l=atomic
=io.k8s.api.core.v1.NodeSpec	object
podCIDR	1	string
podCIDRs	7	[]string	l=set	p=merge
providerID	3	string
unschedulable	4	boolean
taints	5	[]#.Taint	l=atomic
configSource	6	#.NodeConfigSource	*
externalID	2	string
=io.k8s.api.core.v1.NodeStatus	object
capacity	1	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
allocatable	2	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
phase	3	string	e=Pending|Running|Terminated
conditions	4	[]#.NodeCondition	l=map	k=type	p=merge	q=type
addresses	5	[]#.NodeAddress	l=map	k=type	p=merge	q=type
daemonEndpoints	6	#.NodeDaemonEndpoints	+
nodeInfo	7	#.NodeSystemInfo	+
images	8	[]#.ContainerImage	l=atomic
volumesInUse	9	[]string	l=atomic
volumesAttached	10	[]#.AttachedVolume	l=atomic
config	11	#.NodeConfigStatus	*
runtimeHandlers	12	[]#.NodeRuntimeHandler	l=atomic
features	13	#.NodeFeatures	*
declaredFeatures	14	[]string	l=atomic
=io.k8s.api.core.v1.NodeSwapStatus	object
capacity	1	int64	*
=io.k8s.api.core.v1.NodeSystemInfo	object
machineID	1	string	!	+	d=""
systemUUID	2	string	!	+	d=""
bootID	3	string	!	+	d=""
kernelVersion	4	string	!	+	d=""
osImage	5	string	!	+	d=""
containerRuntimeVersion	6	string	!	+	d=""
kubeletVersion	7	string	!	+	d=""
kubeProxyVersion	8	string	!	+	d=""
operatingSystem	9	string	!	+	d=""
architecture	10	string	!	+	d=""
swap	11	#.NodeSwapStatus	*
=io.k8s.api.core.v1.ObjectFieldSelector	object
apiVersion	1	string
fieldPath	2	string	!	+	d=""
=io.k8s.api.core.v1.ObjectReference	object
kind	1	string
namespace	2	string
name	3	string
uid	4	string
apiVersion	5	string
resourceVersion	6	string
fieldPath	7	string
=io.k8s.api.core.v1.PersistentVolume	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.PersistentVolumeSpec	+
status	3	#.PersistentVolumeStatus	+
=io.k8s.api.core.v1.PersistentVolumeClaim	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.PersistentVolumeClaimSpec	+
status	3	#.PersistentVolumeClaimStatus	+
=io.k8s.api.core.v1.PersistentVolumeClaimCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastProbeTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
lastTransitionTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	5	string
message	6	string
=io.k8s.api.core.v1.PersistentVolumeClaimList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.PersistentVolumeClaim	!	+
=io.k8s.api.core.v1.PersistentVolumeClaimSpec	object
accessModes	1	[]string	e=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod	l=atomic
selector	4	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
resources	2	#.VolumeResourceRequirements	+
volumeName	3	string
storageClassName	5	string	*
volumeMode	6	string	*	e=Block|Filesystem
dataSource	7	#.TypedLocalObjectReference	*
dataSourceRef	8	#.TypedObjectReference	*
volumeAttributesClassName	9	string	*
=io.k8s.api.core.v1.PersistentVolumeClaimStatus	object
phase	1	string	e=Bound|Lost|Pending
accessModes	2	[]string	e=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod	l=atomic
capacity	3	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
conditions	4	[]#.PersistentVolumeClaimCondition	l=map	k=type	p=merge	q=type
allocatedResources	5	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
allocatedResourceStatuses	7	{}string	e=ControllerResizeInProgress|ControllerResizeInfeasible|NodeResizeInProgress|NodeResizeInfeasible|NodeResizePending	m=granular
currentVolumeAttributesClassName	8	string	*
modifyVolumeStatus	9	#.ModifyVolumeStatus	*
=io.k8s.api.core.v1.PersistentVolumeClaimTemplate	object
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.PersistentVolumeClaimSpec	!	+
=io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource	object
claimName	1	string	!	+	d=""
readOnly	2	boolean
=io.k8s.api.core.v1.PersistentVolumeList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.PersistentVolume	!	+
=io.k8s.api.core.v1.PersistentVolumeSource	object
gcePersistentDisk	1	#.GCEPersistentDiskVolumeSource	*
awsElasticBlockStore	2	#.AWSElasticBlockStoreVolumeSource	*
hostPath	3	#.HostPathVolumeSource	*
glusterfs	4	#.GlusterfsPersistentVolumeSource	*
nfs	5	#.NFSVolumeSource	*
rbd	6	#.RBDPersistentVolumeSource	*
iscsi	7	#.ISCSIPersistentVolumeSource	*
cinder	8	#.CinderPersistentVolumeSource	*
cephfs	9	#.CephFSPersistentVolumeSource	*
fc	10	#.FCVolumeSource	*
flocker	11	#.FlockerVolumeSource	*
flexVolume	12	#.FlexPersistentVolumeSource	*
azureFile	13	#.AzureFilePersistentVolumeSource	*
vsphereVolume	14	#.VsphereVirtualDiskVolumeSource	*
quobyte	15	#.QuobyteVolumeSource	*
azureDisk	16	#.AzureDiskVolumeSource	*
photonPersistentDisk	17	#.PhotonPersistentDiskVolumeSource	*
portworxVolume	18	#.PortworxVolumeSource	*
scaleIO	19	#.ScaleIOPersistentVolumeSource	*
local	20	#.LocalVolumeSource	*
storageos	21	#.StorageOSPersistentVolumeSource	*
csi	22	#.CSIPersistentVolumeSource	*
=io.k8s.api.core.v1.PersistentVolumeSpec	object
capacity	1	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
gcePersistentDisk	2.1	#.GCEPersistentDiskVolumeSource	*
awsElasticBlockStore	2.2	#.AWSElasticBlockStoreVolumeSource	*
hostPath	2.3	#.HostPathVolumeSource	*
glusterfs	2.4	#.GlusterfsPersistentVolumeSource	*
nfs	2.5	#.NFSVolumeSource	*
rbd	2.6	#.RBDPersistentVolumeSource	*
iscsi	2.7	#.ISCSIPersistentVolumeSource	*
cinder	2.8	#.CinderPersistentVolumeSource	*
cephfs	2.9	#.CephFSPersistentVolumeSource	*
fc	2.10	#.FCVolumeSource	*
flocker	2.11	#.FlockerVolumeSource	*
flexVolume	2.12	#.FlexPersistentVolumeSource	*
azureFile	2.13	#.AzureFilePersistentVolumeSource	*
vsphereVolume	2.14	#.VsphereVirtualDiskVolumeSource	*
quobyte	2.15	#.QuobyteVolumeSource	*
azureDisk	2.16	#.AzureDiskVolumeSource	*
photonPersistentDisk	2.17	#.PhotonPersistentDiskVolumeSource	*
portworxVolume	2.18	#.PortworxVolumeSource	*
scaleIO	2.19	#.ScaleIOPersistentVolumeSource	*
local	2.20	#.LocalVolumeSource	*
storageos	2.21	#.StorageOSPersistentVolumeSource	*
csi	2.22	#.CSIPersistentVolumeSource	*
accessModes	3	[]string	e=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod	l=atomic
claimRef	4	#.ObjectReference	*	m=granular
persistentVolumeReclaimPolicy	5	string	e=Delete|Recycle|Retain
storageClassName	6	string
mountOptions	7	[]string	l=atomic
volumeMode	8	string	*	e=Block|Filesystem
nodeAffinity	9	#.VolumeNodeAffinity	*
volumeAttributesClassName	10	string	*
=io.k8s.api.core.v1.PersistentVolumeStatus	object
phase	1	string	e=Available|Bound|Failed|Pending|Released
message	2	string
reason	3	string
lastPhaseTransitionTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
=io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource	object
pdID	1	string	!	+	d=""
fsType	2	string
=io.k8s.api.core.v1.Pod	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.PodSpec	+
status	3	#.PodStatus	+
=io.k8s.api.core.v1.PodAffinity	object
requiredDuringSchedulingIgnoredDuringExecution	1	[]#.PodAffinityTerm	l=atomic
preferredDuringSchedulingIgnoredDuringExecution	2	[]#.WeightedPodAffinityTerm	l=atomic
=io.k8s.api.core.v1.PodAffinityTerm	object
labelSelector	1	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
namespaces	2	[]string	l=atomic
topologyKey	3	string	!	+	d=""
namespaceSelector	4	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
matchLabelKeys	5	[]string	l=atomic
mismatchLabelKeys	6	[]string	l=atomic
=io.k8s.api.core.v1.PodAntiAffinity	object
requiredDuringSchedulingIgnoredDuringExecution	1	[]#.PodAffinityTerm	l=atomic
preferredDuringSchedulingIgnoredDuringExecution	2	[]#.WeightedPodAffinityTerm	l=atomic
=io.k8s.api.core.v1.PodAttachOptions	object
kind		string
apiVersion		string
stdin	1	boolean
stdout	2	boolean
stderr	3	boolean
tty	4	boolean
container	5	string
=io.k8s.api.core.v1.PodCertificateProjection	object
signerName	1	string	!
keyType	2	string	!
maxExpirationSeconds	3	int32	*
credentialBundlePath	4	string
keyPath	5	string
certificateChainPath	6	string
userAnnotations	7	{}string
=io.k8s.api.core.v1.PodCondition	object
type	1	string	!	+	d=""
observedGeneration	7	int64
status	2	string	!	+	d=""
lastProbeTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
lastTransitionTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	5	string
message	6	string
=io.k8s.api.core.v1.PodDNSConfig	object
nameservers	1	[]string	l=atomic
searches	2	[]string	l=atomic
options	3	[]#.PodDNSConfigOption	l=atomic
=io.k8s.api.core.v1.PodDNSConfigOption	object
name	1	string
value	2	string	*
=io.k8s.api.core.v1.PodExecOptions	object
kind		string
apiVersion		string
stdin	1	boolean
stdout	2	boolean
stderr	3	boolean
tty	4	boolean
container	5	string
command	6	[]string	!	+	l=atomic
=io.k8s.api.core.v1.PodExtendedResourceClaimStatus	object
requestMappings	1	[]#.ContainerExtendedResourceRequest	!	+	l=atomic
resourceClaimName	2	string	!	+	d=""
=io.k8s.api.core.v1.PodIP	object
ip	1	string	!	+	d=""
=io.k8s.api.core.v1.PodList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Pod	!	+
=io.k8s.api.core.v1.PodLogOptions	object
kind		string
apiVersion		string
container	1	string
follow	2	boolean
previous	3	boolean
sinceSeconds	4	int64	*
sinceTime	5	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
timestamps	6	boolean
tailLines	7	int64	*
limitBytes	8	int64	*
insecureSkipTLSVerifyBackend	9	boolean
stream	10	string	*
=io.k8s.api.core.v1.PodOS	object
name	1	string	!	+	d=""
=io.k8s.api.core.v1.PodPortForwardOptions	object
kind		string
apiVersion		string
ports	1	[]int32	l=atomic
=io.k8s.api.core.v1.PodProxyOptions	object
kind		string
apiVersion		string
path	1	string
=io.k8s.api.core.v1.PodReadinessGate	object
conditionType	1	string	!	+	d=""
=io.k8s.api.core.v1.PodResourceClaim	object
name	1	string	!	+	d=""
resourceClaimName	3	string	*
resourceClaimTemplateName	4	string	*
=io.k8s.api.core.v1.PodResourceClaimStatus	object
name	1	string	!	+	d=""
resourceClaimName	2	string	*
=io.k8s.api.core.v1.PodSchedulingGate	object
name	1	string	!	+	d=""
=io.k8s.api.core.v1.PodSchedulingGroup	object
podGroupName	1	string	*
=io.k8s.api.core.v1.PodSecurityContext	object
seLinuxOptions	1	#.SELinuxOptions	*
windowsOptions	8	#.WindowsSecurityContextOptions	*
runAsUser	2	int64	*
runAsGroup	6	int64	*
runAsNonRoot	3	boolean	*
supplementalGroups	4	[]int64	l=atomic
supplementalGroupsPolicy	12	string	*	e=Merge|Strict
fsGroup	5	int64	*
sysctls	7	[]#.Sysctl	l=atomic
fsGroupChangePolicy	9	string	*	e=Always|OnRootMismatch
seccompProfile	10	#.SeccompProfile	*
appArmorProfile	11	#.AppArmorProfile	*
seLinuxChangePolicy	13	string	*
=io.k8s.api.core.v1.PodSpec	object
volumes	1	[]#.Volume	l=map	k=name	p=merge,retainKeys	q=name
initContainers	20	[]#.Container	l=map	k=name	p=merge	q=name
containers	2	[]#.Container	!	+	l=map	k=name	p=merge	q=name
ephemeralContainers	34	[]#.EphemeralContainer	l=map	k=name	p=merge	q=name
restartPolicy	3	string	e=Always|Never|OnFailure
terminationGracePeriodSeconds	4	int64	*
activeDeadlineSeconds	5	int64	*
dnsPolicy	6	string	e=ClusterFirst|ClusterFirstWithHostNet|Default|None
nodeSelector	7	{}string	m=atomic
serviceAccountName	8	string
serviceAccount	9	string
automountServiceAccountToken	21	boolean	*
nodeName	10	string
hostNetwork	11	boolean
hostPID	12	boolean
hostIPC	13	boolean
shareProcessNamespace	27	boolean	*
securityContext	14	#.PodSecurityContext	*
imagePullSecrets	15	[]#.LocalObjectReference	l=map	k=name	p=merge	q=name
hostname	16	string
subdomain	17	string
affinity	18	#.Affinity	*
schedulerName	19	string
tolerations	22	[]#.Toleration	l=atomic
hostAliases	23	[]#.HostAlias	l=map	k=ip	p=merge	q=ip
priorityClassName	24	string
priority	25	int32	*
dnsConfig	26	#.PodDNSConfig	*
readinessGates	28	[]#.PodReadinessGate	l=atomic
runtimeClassName	29	string	*
enableServiceLinks	30	boolean	*
preemptionPolicy	31	string	*	e=Never|PreemptLowerPriority
overhead	32	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
topologySpreadConstraints	33	[]#.TopologySpreadConstraint	l=map	k=topologyKey,whenUnsatisfiable	p=merge	q=topologyKey
setHostnameAsFQDN	35	boolean	*
os	36	#.PodOS	*
hostUsers	37	boolean	*
schedulingGates	38	[]#.PodSchedulingGate	l=map	k=name	p=merge	q=name
resourceClaims	39	[]#.PodResourceClaim	l=map	k=name	p=merge,retainKeys	q=name
resources	40	#.ResourceRequirements	*
hostnameOverride	41	string	*
schedulingGroup	43	#.PodSchedulingGroup	*
=io.k8s.api.core.v1.PodStatus	object
observedGeneration	17	int64
phase	1	string	e=Failed|Pending|Running|Succeeded|Unknown
conditions	2	[]#.PodCondition	l=map	k=type	p=merge	q=type
message	3	string
reason	4	string
nominatedNodeName	11	string
hostIP	5	string
hostIPs	16	[]#.HostIP	l=atomic	p=merge	q=ip
podIP	6	string
podIPs	12	[]#.PodIP	l=map	k=ip	p=merge	q=ip
startTime	7	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
initContainerStatuses	10	[]#.ContainerStatus	l=atomic
containerStatuses	8	[]#.ContainerStatus	l=atomic
qosClass	9	string	e=BestEffort|Burstable|Guaranteed
ephemeralContainerStatuses	13	[]#.ContainerStatus	l=atomic
resize	14	string
resourceClaimStatuses	15	[]#.PodResourceClaimStatus	l=map	k=name	p=merge,retainKeys	q=name
extendedResourceClaimStatus	18	#.PodExtendedResourceClaimStatus	*
allocatedResources	19	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
resources	20	#.ResourceRequirements	*
nodeAllocatableResourceClaimStatuses	21	[]#.NodeAllocatableResourceClaimStatus	l=atomic
=io.k8s.api.core.v1.PodStatusResult	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
status	2	#.PodStatus	+
=io.k8s.api.core.v1.PodTemplate	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
template	2	#.PodTemplateSpec	+
=io.k8s.api.core.v1.PodTemplateList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.PodTemplate	!	+
=io.k8s.api.core.v1.PodTemplateSpec	object
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.PodSpec	+
=io.k8s.api.core.v1.PortStatus	object
port	1	int32	!	+	d=0
protocol	2	string	!	+	d=""	e=SCTP|TCP|UDP
error	3	string	*	c=pattern=^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$;maxLength=316
=io.k8s.api.core.v1.PortworxVolumeSource	object
volumeID	1	string	!	+	d=""
fsType	2	string
readOnly	3	boolean
=io.k8s.api.core.v1.PreferredSchedulingTerm	object
weight	1	int32	!	+	d=0
preference	2	#.NodeSelectorTerm	!	+
=io.k8s.api.core.v1.Probe	object
exec	1.1	#.ExecAction	*
httpGet	1.2	#.HTTPGetAction	*
tcpSocket	1.3	#.TCPSocketAction	*
grpc	1.4	#.GRPCAction	*
initialDelaySeconds	2	int32
timeoutSeconds	3	int32
periodSeconds	4	int32
successThreshold	5	int32
failureThreshold	6	int32
terminationGracePeriodSeconds	7	int64	*
=io.k8s.api.core.v1.ProbeHandler	object
exec	1	#.ExecAction	*
httpGet	2	#.HTTPGetAction	*
tcpSocket	3	#.TCPSocketAction	*
grpc	4	#.GRPCAction	*
=io.k8s.api.core.v1.ProjectedVolumeSource	object
sources	1	[]#.VolumeProjection	+	l=atomic
defaultMode	2	int32	*
=io.k8s.api.core.v1.QuobyteVolumeSource	object
registry	1	string	!	+	d=""
volume	2	string	!	+	d=""
readOnly	3	boolean
user	4	string
group	5	string
tenant	6	string
=io.k8s.api.core.v1.RBDPersistentVolumeSource	object
monitors	1	[]string	!	+	l=atomic
image	2	string	!	+	d=""
fsType	3	string
pool	4	string	d="rbd"
user	5	string	d="admin"
keyring	6	string	d="/etc/ceph/keyring"
secretRef	7	#.SecretReference	*
readOnly	8	boolean
=io.k8s.api.core.v1.RBDVolumeSource	object
monitors	1	[]string	!	+	l=atomic
image	2	string	!	+	d=""
fsType	3	string
pool	4	string	d="rbd"
user	5	string	d="admin"
keyring	6	string	d="/etc/ceph/keyring"
secretRef	7	#.LocalObjectReference	*
readOnly	8	boolean
=io.k8s.api.core.v1.RangeAllocation	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
range	2	string	!	+
data	3	bytes	!	+
=io.k8s.api.core.v1.ReplicationController	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+	c=subfield(name)=optional;subfield(name)=format=k8s-long-name
spec	2	#.ReplicationControllerSpec	+
status	3	#.ReplicationControllerStatus	+
=io.k8s.api.core.v1.ReplicationControllerCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.api.core.v1.ReplicationControllerList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ReplicationController	!	+
=io.k8s.api.core.v1.ReplicationControllerSpec	object
replicas	1	int32	*	d=1	c=minimum=0
minReadySeconds	4	int32	d=0	c=minimum=0
selector	2	{}string	m=atomic
template	3	#.PodTemplateSpec	*
=io.k8s.api.core.v1.ReplicationControllerStatus	object
replicas	1	int32	!	+	d=0
fullyLabeledReplicas	2	int32
readyReplicas	4	int32
availableReplicas	5	int32
observedGeneration	3	int64
conditions	6	[]#.ReplicationControllerCondition	l=map	k=type	p=merge	q=type
=io.k8s.api.core.v1.ResourceClaim	object
name	1	string	!	+	d=""
request	2	string
=io.k8s.api.core.v1.ResourceFieldSelector	object
containerName	1	string
resource	2	string	!	+	d=""
divisor	3	#io.k8s.apimachinery.pkg.api.resource.Quantity	+
=io.k8s.api.core.v1.ResourceHealth	object
resourceID	1	string	!	+	d=""
health	2	string
message	6	string	*
=io.k8s.api.core.v1.ResourceQuota	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ResourceQuotaSpec	+
status	3	#.ResourceQuotaStatus	+
=io.k8s.api.core.v1.ResourceQuotaList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ResourceQuota	!	+
=io.k8s.api.core.v1.ResourceQuotaSpec	object
hard	1	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
scopes	2	[]string	e=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass	l=atomic
scopeSelector	3	#.ScopeSelector	*
=io.k8s.api.core.v1.ResourceQuotaStatus	object
hard	1	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
used	2	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
=io.k8s.api.core.v1.ResourceRequirements	object
limits	1	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
requests	2	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
claims	3	[]#.ResourceClaim	l=map	k=name
=io.k8s.api.core.v1.ResourceStatus	object
name	1	string	!	+	d=""
resources	2	[]#.ResourceHealth	l=map	k=resourceID
=io.k8s.api.core.v1.SELinuxOptions	object
user	1	string
role	2	string
type	3	string
level	4	string
=io.k8s.api.core.v1.ScaleIOPersistentVolumeSource	object
gateway	1	string	!	+	d=""
system	2	string	!	+	d=""
secretRef	3	#.SecretReference	!	*	+
sslEnabled	4	boolean
protectionDomain	5	string
storagePool	6	string
storageMode	7	string	d="ThinProvisioned"
volumeName	8	string
fsType	9	string	d="xfs"
readOnly	10	boolean
=io.k8s.api.core.v1.ScaleIOVolumeSource	object
gateway	1	string	!	+	d=""
system	2	string	!	+	d=""
secretRef	3	#.LocalObjectReference	!	*	+
sslEnabled	4	boolean
protectionDomain	5	string
storagePool	6	string
storageMode	7	string	d="ThinProvisioned"
volumeName	8	string
fsType	9	string	d="xfs"
readOnly	10	boolean
=io.k8s.api.core.v1.ScopeSelector	object
matchExpressions	1	[]#.ScopedResourceSelectorRequirement	l=atomic
=io.k8s.api.core.v1.ScopedResourceSelectorRequirement	object
scopeName	1	string	!	+	d=""	e=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
operator	2	string	!	+	d=""	e=DoesNotExist|Exists|In|NotIn
values	3	[]string	l=atomic
=io.k8s.api.core.v1.SeccompProfile	object
type	1	string	!	+	d=""	e=Localhost|RuntimeDefault|Unconfined
localhostProfile	2	string	*
=io.k8s.api.core.v1.Secret	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
immutable	5	boolean	*
data	2	{}bytes
stringData	4	{}string
type	3	string
=io.k8s.api.core.v1.SecretEnvSource	object
name	1.1	string	d=""
optional	2	boolean	*
=io.k8s.api.core.v1.SecretKeySelector	object
name	1.1	string	d=""
key	2	string	!	+	d=""
optional	3	boolean	*
=io.k8s.api.core.v1.SecretList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Secret	!	+
=io.k8s.api.core.v1.SecretProjection	object
name	1.1	string	d=""
items	2	[]#.KeyToPath	l=atomic
optional	4	boolean	*
=io.k8s.api.core.v1.SecretReference	object
name	1	string
namespace	2	string
=io.k8s.api.core.v1.SecretVolumeSource	object
secretName	1	string
items	2	[]#.KeyToPath	l=atomic
defaultMode	3	int32	*
optional	4	boolean	*
=io.k8s.api.core.v1.SecurityContext	object
capabilities	1	#.Capabilities	*
privileged	2	boolean	*
seLinuxOptions	3	#.SELinuxOptions	*
windowsOptions	10	#.WindowsSecurityContextOptions	*
runAsUser	4	int64	*
runAsGroup	8	int64	*
runAsNonRoot	5	boolean	*
readOnlyRootFilesystem	6	boolean	*
allowPrivilegeEscalation	7	boolean	*
procMount	9	string	*	e=Default|Unmasked
seccompProfile	11	#.SeccompProfile	*
appArmorProfile	12	#.AppArmorProfile	*
=io.k8s.api.core.v1.SerializedReference	object
kind		string
apiVersion		string
reference	1	#.ObjectReference	+
=io.k8s.api.core.v1.Service	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ServiceSpec	+
status	3	#.ServiceStatus	+
=io.k8s.api.core.v1.ServiceAccount	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
secrets	2	[]#.ObjectReference	l=map	k=name	p=merge	q=name
imagePullSecrets	3	[]#.LocalObjectReference	l=atomic
automountServiceAccountToken	4	boolean	*
=io.k8s.api.core.v1.ServiceAccountList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ServiceAccount	!	+
=io.k8s.api.core.v1.ServiceAccountTokenProjection	object
audience	1	string
expirationSeconds	2	int64	*
path	3	string	!	+	d=""
=io.k8s.api.core.v1.ServiceList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Service	!	+
=io.k8s.api.core.v1.ServicePort	object
name	1	string
protocol	2	string	d="TCP"	e=SCTP|TCP|UDP
appProtocol	6	string	*
port	3	int32	!	+	d=0
targetPort	4	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	+
nodePort	5	int32
=io.k8s.api.core.v1.ServiceProxyOptions	object
kind		string
apiVersion		string
path	1	string
=io.k8s.api.core.v1.ServiceSpec	object
ports	1	[]#.ServicePort	l=map	k=port,protocol	p=merge	q=port
selector	2	{}string	m=atomic
clusterIP	3	string
clusterIPs	18	[]string	l=atomic
type	4	string	e=ClusterIP|ExternalName|LoadBalancer|NodePort
externalIPs	5	[]string	l=atomic
sessionAffinity	7	string	e=ClientIP|None
loadBalancerIP	8	string
loadBalancerSourceRanges	9	[]string	l=atomic
externalName	10	string
externalTrafficPolicy	11	string	e=Cluster|Local
healthCheckNodePort	12	int32
publishNotReadyAddresses	13	boolean
sessionAffinityConfig	14	#.SessionAffinityConfig	*
ipFamilies	19	[]string	e=|IPv4|IPv6	l=atomic
ipFamilyPolicy	17	string	*	e=PreferDualStack|RequireDualStack|SingleStack
allocateLoadBalancerNodePorts	20	boolean	*
loadBalancerClass	21	string	*
internalTrafficPolicy	22	string	*	e=Cluster|Local
trafficDistribution	23	string	*
=io.k8s.api.core.v1.ServiceStatus	object
loadBalancer	1	#.LoadBalancerStatus	+
conditions	2	[]#io.k8s.apimachinery.pkg.apis.meta.v1.Condition	l=map	k=type	p=merge	q=type
=io.k8s.api.core.v1.SessionAffinityConfig	object
clientIP	1	#.ClientIPConfig	*
=io.k8s.api.core.v1.SleepAction	object
seconds	1	int64	!	+	d=0
=io.k8s.api.core.v1.StorageOSPersistentVolumeSource	object
volumeName	1	string
volumeNamespace	2	string
fsType	3	string
readOnly	4	boolean
secretRef	5	#.ObjectReference	*
=io.k8s.api.core.v1.StorageOSVolumeSource	object
volumeName	1	string
volumeNamespace	2	string
fsType	3	string
readOnly	4	boolean
secretRef	5	#.LocalObjectReference	*
=io.k8s.api.core.v1.Sysctl	object
name	1	string	!	+	d=""
value	2	string	!	+	d=""
=io.k8s.api.core.v1.TCPSocketAction	object
port	1	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	!	+
host	2	string
=io.k8s.api.core.v1.Taint	object
key	1	string	!	+	d=""
value	2	string
effect	3	string	!	+	d=""	e=NoExecute|NoSchedule|PreferNoSchedule
timeAdded	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
=io.k8s.api.core.v1.Toleration	object
key	1	string
operator	2	string	e=Equal|Exists|Gt|Lt
value	3	string
effect	4	string	e=NoExecute|NoSchedule|PreferNoSchedule
tolerationSeconds	5	int64	*
=io.k8s.api.core.v1.TopologySelectorLabelRequirement	object
key	1	string	!	+	d=""
values	2	[]string	!	+	l=atomic
=io.k8s.api.core.v1.TopologySelectorTerm	object
matchLabelExpressions	1	[]#.TopologySelectorLabelRequirement	l=atomic
=io.k8s.api.core.v1.TopologySpreadConstraint	object
maxSkew	1	int32	!	+	d=0
topologyKey	2	string	!	+	d=""
whenUnsatisfiable	3	string	!	+	d=""	e=DoNotSchedule|ScheduleAnyway
labelSelector	4	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
minDomains	5	int32	*
nodeAffinityPolicy	6	string	*	e=Honor|Ignore
nodeTaintsPolicy	7	string	*	e=Honor|Ignore
matchLabelKeys	8	[]string	l=atomic
=io.k8s.api.core.v1.TypedLocalObjectReference	object
apiGroup	1	string	*	+
kind	2	string	!	+	d=""
name	3	string	!	+	d=""
=io.k8s.api.core.v1.TypedObjectReference	object
apiGroup	1	string	*	+
kind	2	string	!	+	d=""
name	3	string	!	+	d=""
namespace	4	string	*
=io.k8s.api.core.v1.Volume	object
name	1	string	!	+	d=""
hostPath	2.1	#.HostPathVolumeSource	*
emptyDir	2.2	#.EmptyDirVolumeSource	*
gcePersistentDisk	2.3	#.GCEPersistentDiskVolumeSource	*
awsElasticBlockStore	2.4	#.AWSElasticBlockStoreVolumeSource	*
gitRepo	2.5	#.GitRepoVolumeSource	*
secret	2.6	#.SecretVolumeSource	*
nfs	2.7	#.NFSVolumeSource	*
iscsi	2.8	#.ISCSIVolumeSource	*
glusterfs	2.9	#.GlusterfsVolumeSource	*
persistentVolumeClaim	2.10	#.PersistentVolumeClaimVolumeSource	*
rbd	2.11	#.RBDVolumeSource	*
flexVolume	2.12	#.FlexVolumeSource	*
cinder	2.13	#.CinderVolumeSource	*
cephfs	2.14	#.CephFSVolumeSource	*
flocker	2.15	#.FlockerVolumeSource	*
downwardAPI	2.16	#.DownwardAPIVolumeSource	*
fc	2.17	#.FCVolumeSource	*
azureFile	2.18	#.AzureFileVolumeSource	*
configMap	2.19	#.ConfigMapVolumeSource	*
vsphereVolume	2.20	#.VsphereVirtualDiskVolumeSource	*
quobyte	2.21	#.QuobyteVolumeSource	*
azureDisk	2.22	#.AzureDiskVolumeSource	*
photonPersistentDisk	2.23	#.PhotonPersistentDiskVolumeSource	*
projected	2.26	#.ProjectedVolumeSource	*
portworxVolume	2.24	#.PortworxVolumeSource	*
scaleIO	2.25	#.ScaleIOVolumeSource	*
storageos	2.27	#.StorageOSVolumeSource	*
csi	2.28	#.CSIVolumeSource	*
ephemeral	2.29	#.EphemeralVolumeSource	*
image	2.30	#.ImageVolumeSource	*
=io.k8s.api.core.v1.VolumeDevice	object
name	1	string	!	+	d=""
devicePath	2	string	!	+	d=""
=io.k8s.api.core.v1.VolumeMount	object
name	1	string	!	+	d=""
readOnly	2	boolean
recursiveReadOnly	7	string	*
mountPath	3	string	!	+	d=""
subPath	4	string
mountPropagation	5	string	*	e=Bidirectional|HostToContainer|None
subPathExpr	6	string
=io.k8s.api.core.v1.VolumeMountStatus	object
name	1	string	!	+	d=""
mountPath	2	string	!	+	d=""
readOnly	3	boolean
recursiveReadOnly	4	string	*
volumeStatus	5	#.VolumeStatus	*
=io.k8s.api.core.v1.VolumeNodeAffinity	object
required	1	#.NodeSelector	*
=io.k8s.api.core.v1.VolumeProjection	object
secret	1	#.SecretProjection	*
downwardAPI	2	#.DownwardAPIProjection	*
configMap	3	#.ConfigMapProjection	*
serviceAccountToken	4	#.ServiceAccountTokenProjection	*
clusterTrustBundle	5	#.ClusterTrustBundleProjection	*
podCertificate	6	#.PodCertificateProjection	*
=io.k8s.api.core.v1.VolumeResourceRequirements	object
limits	1	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
requests	2	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
=io.k8s.api.core.v1.VolumeSource	object
hostPath	1	#.HostPathVolumeSource	*
emptyDir	2	#.EmptyDirVolumeSource	*
gcePersistentDisk	3	#.GCEPersistentDiskVolumeSource	*
awsElasticBlockStore	4	#.AWSElasticBlockStoreVolumeSource	*
gitRepo	5	#.GitRepoVolumeSource	*
secret	6	#.SecretVolumeSource	*
nfs	7	#.NFSVolumeSource	*
iscsi	8	#.ISCSIVolumeSource	*
glusterfs	9	#.GlusterfsVolumeSource	*
persistentVolumeClaim	10	#.PersistentVolumeClaimVolumeSource	*
rbd	11	#.RBDVolumeSource	*
flexVolume	12	#.FlexVolumeSource	*
cinder	13	#.CinderVolumeSource	*
cephfs	14	#.CephFSVolumeSource	*
flocker	15	#.FlockerVolumeSource	*
downwardAPI	16	#.DownwardAPIVolumeSource	*
fc	17	#.FCVolumeSource	*
azureFile	18	#.AzureFileVolumeSource	*
configMap	19	#.ConfigMapVolumeSource	*
vsphereVolume	20	#.VsphereVirtualDiskVolumeSource	*
quobyte	21	#.QuobyteVolumeSource	*
azureDisk	22	#.AzureDiskVolumeSource	*
photonPersistentDisk	23	#.PhotonPersistentDiskVolumeSource	*
projected	26	#.ProjectedVolumeSource	*
portworxVolume	24	#.PortworxVolumeSource	*
scaleIO	25	#.ScaleIOVolumeSource	*
storageos	27	#.StorageOSVolumeSource	*
csi	28	#.CSIVolumeSource	*
ephemeral	29	#.EphemeralVolumeSource	*
image	30	#.ImageVolumeSource	*
=io.k8s.api.core.v1.VolumeStatus	object
image	1	#.ImageVolumeStatus	*
=io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource	object
volumePath	1	string	!	+	d=""
fsType	2	string
storagePolicyName	3	string
storagePolicyID	4	string
=io.k8s.api.core.v1.WeightedPodAffinityTerm	object
weight	1	int32	!	+	d=0
podAffinityTerm	2	#.PodAffinityTerm	!	+
=io.k8s.api.core.v1.WindowsSecurityContextOptions	object
gmsaCredentialSpecName	1	string	*
gmsaCredentialSpec	2	string	*
runAsUserName	3	string	*
hostProcess	4	boolean	*
"""#
}
