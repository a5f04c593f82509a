// swift-format-ignore-file

/// What `kubectl explain` says of types and fields, in words of our own. A line that begins with `=` names a type, those
/// below it its fields; fields below `=*` mean the same in every type that does not say otherwise.
enum DescriptionTable {
    static let text: StaticString = #"""
=*
kind	What the object is, in CamelCase. The path of a request says it already.
apiVersion	Group and version of the schema that the object is written in.
metadata	Name, namespace, labels and what else every object has.
spec	What is wanted.
status	What is so at present. Written by the system.
items	The objects of the list.
=io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	What every object has besides its own fields.
name	Unique among the objects of its kind in a namespace. It cannot be changed.
generateName	Prefix of the name that the server makes up when name is empty.
namespace	Where the name is unique. It cannot be changed.
uid	Unique in time and space; set by the server. A new object of the same name has another one.
resourceVersion	Changes with every write. An update that names an older one is refused.
generation	Counts the changes of what is wanted.
creationTimestamp	When the server made the object.
deletionTimestamp	When the object is to be gone; set by the server when a deletion is asked for.
deletionGracePeriodSeconds	Seconds that the object had to end when its deletion was asked for.
labels	Keys and values by which objects are selected.
annotations	Keys and values of any kind that tools keep with the object.
ownerReferences	Objects that this one depends on. When all of them are gone, so is it.
finalizers	Who has something to do before the object goes. It stays until the list is empty.
managedFields	Who owns which fields; kept by the server.
selfLink	Not set any more.
=io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	What every list has.
continue	Ask for the next part of the list with this.
remainingItemCount	How many objects the list has besides those of this part, about.
=io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference	An object of the same namespace, or of none, that another one depends on.
controller	Whether the owner controls the object. At most one does.
blockOwnerDeletion	Whether an owner that is deleted in the foreground waits for this object.
=io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	Which objects are meant, by their labels; all parts must hold. Empty: all.
matchLabels	Labels that objects have.
matchExpressions	Conditions on labels: In, NotIn, Exists, DoesNotExist.
=io.k8s.api.core.v1.Pod	One or more containers that run together on one node.
=io.k8s.api.core.v1.PodSpec	What a Pod runs, and where and how.
volumes	File systems that containers can mount.
initContainers	Run one after another before the others begin. One whose restartPolicy is Always goes on beside them.
containers	What runs. At least one; the list cannot be changed.
ephemeralContainers	Put into a running Pod to look at it, by its subresource of that name.
restartPolicy	When ended containers start again: Always, OnFailure or Never.
terminationGracePeriodSeconds	Seconds between the signal to end and the kill.
activeDeadlineSeconds	Seconds that the Pod may run before it is failed.
dnsPolicy	Where names are looked up: ClusterFirst, ClusterFirstWithHostNet, Default or None.
nodeSelector	Labels that a node must have to run the Pod.
serviceAccountName	The ServiceAccount as which the Pod speaks to the API.
serviceAccount	The older name of serviceAccountName.
automountServiceAccountToken	Whether containers find a token of the ServiceAccount.
nodeName	The node that runs the Pod; set by the scheduler.
hostNetwork	Use the node's network.
hostPID	See the node's processes.
hostIPC	Use the node's System V IPC.
shareProcessNamespace	Containers of the Pod see each other's processes.
securityContext	Users, groups and confinement; containers may say otherwise.
imagePullSecrets	Secrets with credentials of image registries.
hostname	The host name, where it is not to be the Pod's name.
subdomain	The headless Service below which the Pod has a name in DNS.
affinity	Which nodes, and which neighbours, are wanted or unwanted.
schedulerName	The scheduler that places the Pod.
tolerations	Taints of nodes that the Pod bears.
hostAliases	Lines for /etc/hosts.
priorityClassName	The class that says how important the Pod is.
priority	How important the Pod is; follows from its class.
dnsConfig	Servers, search domains and options besides those of dnsPolicy.
readinessGates	Conditions besides the containers' own for the Pod to be ready.
runtimeClassName	How containers are run, where there is more than one way.
enableServiceLinks	Whether containers find the namespace's Services in their environment.
preemptionPolicy	Whether less important Pods make room: PreemptLowerPriority or Never.
overhead	What the runtime needs besides the containers; follows from the runtime class.
topologySpreadConstraints	How Pods are spread over zones, nodes and the like.
schedulingGates	The Pod is not placed as long as there is one.
os	The operating system of the containers: linux or windows.
hostUsers	false: a user namespace of its own.
resourceClaims	Devices that containers use.
resources	What all containers may use together.
=io.k8s.api.core.v1.PodStatus	How a Pod is, as its node said last.
phase	Pending, Running, Succeeded, Failed or Unknown.
conditions	What holds: PodScheduled, Initialized, ContainersReady, Ready and others.
message	Why it is so, for people.
reason	Why it is so, in one word.
hostIP	Address of the node.
podIP	Address of the Pod.
podIPs	Addresses of the Pod, one of each family.
startTime	When the node took up the Pod.
containerStatuses	How each container is.
initContainerStatuses	How each init container is.
qosClass	Guaranteed, Burstable or BestEffort; follows from requests and limits.
=io.k8s.api.core.v1.Container	One program of a Pod, in an image of its own.
name	Unique in the Pod; a DNS label.
image	The image's name in its registry.
command	The program and its first arguments, in place of the image's entry point.
args	Arguments, in place of the image's.
workingDir	Where the program starts, in place of the image's directory.
ports	Ports that the program listens on. It may listen on others too.
envFrom	ConfigMaps and Secrets whose entries become variables.
env	Variables of the environment.
resources	What the container asks for and may use at most.
volumeMounts	Where volumes of the Pod appear.
volumeDevices	Where volumes appear as block devices.
livenessProbe	When it fails, the container is started again.
readinessProbe	As long as it fails, Services send nothing to the Pod.
startupProbe	Until it succeeds, the other probes wait.
lifecycle	What is done after the start and before the end.
terminationMessagePath	The file with the program's last words.
terminationMessagePolicy	File, or FallbackToLogsOnError.
imagePullPolicy	Always, IfNotPresent or Never.
securityContext	User, group, capabilities and confinement.
stdin	Keep the standard input open.
stdinOnce	Close it when the first client goes.
tty	Give the program a terminal.
restartPolicy	When it starts again, where the Pod's policy is not to hold.
=io.k8s.api.core.v1.ContainerPort	A port that a container listens on.
containerPort	Its number.
hostPort	A port of the node that leads to it.
hostIP	The node's address of hostPort.
protocol	TCP, UDP or SCTP.
=io.k8s.api.core.v1.EnvVar	A variable of the environment.
value	The text; $(NAME) stands for another variable.
valueFrom	Where else the text comes from.
=io.k8s.api.core.v1.ResourceRequirements	What is asked for, and what may be used at most.
limits	At most.
requests	At least; what the scheduler counts with.
=io.k8s.api.core.v1.VolumeMount	Where a container sees a volume.
mountPath	The directory in the container.
subPath	A path in the volume, in place of its root.
readOnly	The container cannot write to it.
=io.k8s.api.core.v1.Probe	A question that is asked of a container again and again.
exec	Succeeds when the command ends with 0.
httpGet	Succeeds when the answer's status is at least 200 and less than 400.
tcpSocket	Succeeds when the port can be connected to.
grpc	Succeeds when the health service says SERVING.
initialDelaySeconds	Seconds after the start before it is asked first.
timeoutSeconds	Seconds that an answer may take.
periodSeconds	Seconds from one question to the next.
successThreshold	Successes in a row after which all is well again.
failureThreshold	Failures in a row after which something is wrong.
=io.k8s.api.core.v1.PodTemplateSpec	What the Pods of a workload are made from.
=io.k8s.api.core.v1.Volume	A file system that containers of a Pod can mount. One source says where it comes from.
emptyDir	An empty directory that lives as long as the Pod.
hostPath	A path of the node.
configMap	The entries of a ConfigMap as files.
secret	The entries of a Secret as files.
persistentVolumeClaim	What a claim is bound to.
projected	Several sources in one directory.
downwardAPI	Fields of the Pod as files.
nfs	A directory of an NFS server.
csi	A volume of a CSI driver.
ephemeral	A claim that is made with the Pod and goes with it.
image	The content of an image.
=io.k8s.api.core.v1.Service	An address under which Pods are reached together.
=io.k8s.api.core.v1.ServiceSpec	Which Pods, by which ports and addresses.
ports	What it listens on and where that leads.
selector	Labels of the Pods that it leads to.
clusterIP	Its address in the cluster; None for none, empty for any free one.
clusterIPs	Its addresses in the cluster, one of each family.
type	ClusterIP, NodePort, LoadBalancer or ExternalName.
externalIPs	Addresses of nodes that lead to it besides. Going out of use.
sessionAffinity	ClientIP: the same client reaches the same Pod. Else None.
sessionAffinityConfig	For how long.
loadBalancerIP	The balancer's wanted address. Going out of use.
loadBalancerSourceRanges	Who may reach it through the balancer.
loadBalancerClass	Who makes the balancer.
allocateLoadBalancerNodePorts	Whether a balancer's Service has node ports too.
externalName	The name in DNS that the Service stands for.
externalTrafficPolicy	Local: nodes pass requests from outside only to Pods of their own. Else Cluster.
internalTrafficPolicy	Local: nodes pass requests of their Pods only to Pods of their own. Else Cluster.
trafficDistribution	Which endpoints are preferred: PreferSameZone or PreferSameNode.
healthCheckNodePort	Where a balancer asks nodes whether they have Pods of the Service.
publishNotReadyAddresses	Lead to Pods that are not ready too.
ipFamilies	IPv4, IPv6 or both, the more important first.
ipFamilyPolicy	SingleStack, PreferDualStack or RequireDualStack.
=io.k8s.api.core.v1.ServicePort	One port of a Service.
name	Unique in the Service; needed when there is more than one.
port	The number under which clients reach it.
targetPort	The Pods' port, by number or by the name in their containers.
nodePort	The port on every node, for NodePort and LoadBalancer.
protocol	TCP, UDP or SCTP.
appProtocol	What is spoken, as a hint.
=io.k8s.api.core.v1.ServiceStatus	How a Service is.
loadBalancer	Where the balancer is reached.
=io.k8s.api.apps.v1.Deployment	Pods of which any are as good as any other, replaced step by step when their template changes.
=io.k8s.api.apps.v1.DeploymentSpec	How many Pods of which template, and how they are replaced.
replicas	How many Pods.
selector	The labels by which its Pods are known. It cannot be changed.
template	What the Pods are made from.
strategy	How old Pods are replaced by new ones.
minReadySeconds	Seconds that a Pod must be ready before it counts as available.
revisionHistoryLimit	How many old ReplicaSets are kept to go back to.
paused	Changes of the template wait.
progressDeadlineSeconds	Seconds without progress after which the change counts as failed.
=io.k8s.api.apps.v1.DeploymentStatus	How far a Deployment is.
observedGeneration	The generation that this status is about.
replicas	All its Pods.
updatedReplicas	Those of the newest template.
readyReplicas	Those that are ready.
availableReplicas	Those that have been ready for long enough.
unavailableReplicas	Those that are still missing.
conditions	What holds: Available, Progressing, ReplicaFailure.
=io.k8s.api.apps.v1.DeploymentStrategy	How old Pods are replaced by new ones.
type	RollingUpdate or Recreate.
rollingUpdate	How many at a time.
=io.k8s.api.apps.v1.RollingUpdateDeployment	How many Pods are replaced at a time.
maxSurge	How many more Pods there may be meanwhile; a number or a percentage.
maxUnavailable	How many may be missing meanwhile; a number or a percentage.
=io.k8s.api.apps.v1.ReplicaSet	Keeps so many Pods of one template.
=io.k8s.api.apps.v1.StatefulSet	Pods with lasting names and volumes, made and ended in order.
=io.k8s.api.apps.v1.DaemonSet	One Pod on every node that it is meant for.
=io.k8s.api.apps.v1.ControllerRevision	A former state of a StatefulSet or DaemonSet.
=io.k8s.api.batch.v1.Job	Pods that run until so many have succeeded.
=io.k8s.api.batch.v1.CronJob	Makes Jobs at certain times.
=io.k8s.api.core.v1.Namespace	A room for names.
=io.k8s.api.core.v1.Node	A machine that runs Pods.
=io.k8s.api.core.v1.ConfigMap	Texts and bytes for programs.
data	Entries: a name and a text each.
binaryData	Entries: a name and bytes in base64 each.
immutable	The entries cannot be changed any more.
=io.k8s.api.core.v1.Secret	Bytes for programs that not everybody may see.
data	Entries: a name and bytes in base64 each.
stringData	The same as plain text; for writing alone.
type	What it is for; some types have entries of certain names.
immutable	The entries cannot be changed any more.
=io.k8s.api.core.v1.ServiceAccount	Whom programs in Pods speak as.
=io.k8s.api.core.v1.PersistentVolume	Storage that outlives Pods.
=io.k8s.api.core.v1.PersistentVolumeClaim	A wish for storage, bound to a volume that meets it.
=io.k8s.api.core.v1.Event	Something that has happened to an object.
=io.k8s.api.core.v1.Endpoints	The addresses behind a Service. Going out of use for EndpointSlice.
=io.k8s.api.core.v1.LimitRange	Least, most and usual amounts for Pods, containers and claims of a namespace.
=io.k8s.api.core.v1.ResourceQuota	How much the objects of a namespace may use together.
=io.k8s.api.core.v1.ReplicationController	Keeps so many Pods of one template; older than ReplicaSet.
=io.k8s.api.core.v1.PodTemplate	A template of Pods as an object of its own.
=io.k8s.api.core.v1.ComponentStatus	How a part of the control plane is. Going out of use.
=io.k8s.api.core.v1.Binding	Says on which node a Pod is to run.
=io.k8s.api.discovery.v1.EndpointSlice	A part of the addresses behind a Service.
=io.k8s.api.networking.v1.Ingress	Which host names and paths lead to which Services from outside.
=io.k8s.api.networking.v1.IngressClass	Who serves Ingresses.
=io.k8s.api.networking.v1.NetworkPolicy	Who may reach which Pods, and whom these may reach.
=io.k8s.api.networking.v1.IPAddress	An address that is taken, and by whom.
=io.k8s.api.networking.v1.ServiceCIDR	A range of addresses for Services.
=io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler	Scales a workload by how much its Pods use.
=io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler	Scales a workload by how much its Pods use.
=io.k8s.api.policy.v1.PodDisruptionBudget	How many Pods may be missing by evictions.
=io.k8s.api.rbac.v1.Role	Rights in a namespace.
=io.k8s.api.rbac.v1.RoleBinding	Who has the rights of a role in a namespace.
=io.k8s.api.rbac.v1.ClusterRole	Rights, also to objects outside namespaces.
=io.k8s.api.rbac.v1.ClusterRoleBinding	Who has the rights of a role everywhere.
=io.k8s.api.storage.v1.StorageClass	A kind of storage, and who provides it.
=io.k8s.api.storage.v1.VolumeAttachment	Says that a volume is to be attached to a node.
=io.k8s.api.storage.v1.VolumeAttributesClass	Properties of volumes that can be changed while they are used.
=io.k8s.api.storage.v1.CSIDriver	What a storage driver can do.
=io.k8s.api.storage.v1.CSINode	The storage drivers of a node.
=io.k8s.api.storage.v1.CSIStorageCapacity	How much storage of a class is left somewhere.
=io.k8s.api.scheduling.v1.PriorityClass	How important Pods are.
=io.k8s.api.node.v1.RuntimeClass	A way to run containers.
=io.k8s.api.coordination.v1.Lease	Who does something at present, and until when.
=io.k8s.api.certificates.v1.CertificateSigningRequest	Asks for a certificate.
=io.k8s.api.events.v1.Event	Something that has happened to an object.
=io.k8s.api.flowcontrol.v1.FlowSchema	Which requests belong to which priority level.
=io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration	How many requests are worked on at once, and how many wait.
=io.k8s.api.resource.v1.ResourceClaim	A wish for devices.
=io.k8s.api.resource.v1.ResourceClaimTemplate	What the claims of Pods are made from.
=io.k8s.api.resource.v1.ResourceSlice	Devices of a node.
=io.k8s.api.resource.v1.DeviceClass	A kind of devices.
"""#

    /// By type; the type itself has the empty name.
    private static let all: [String: [String: String]] = {
        var (rest, all, type) = (TableText(text), [String: [String: String]](), "")
        while var line = rest.nextLine() {
            let head = line.nextColumn()
            if head.first == UInt8(ascii: "=") { type = head.dropFirst(1).string }
            let words = line.nextColumn()
            let field = head.first == UInt8(ascii: "=") ? "" : head.string
            if !words.isEmpty { all[type, default: [:]][field] = words.string }
        }
        return all
    }()

    /// nil where there is nothing to say. An empty field is the type itself.
    static func description(of type: String, field: String = "") -> String? {
        all[type]?[field] ?? (field.isEmpty ? nil : all["*"]?[field])
    }

    static var types: [String: [String]] { all.mapValues { $0.keys.sorted() } }
}
