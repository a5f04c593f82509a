// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.apps.v1.
enum AppsV1Types {
    static let text: StaticString = #"""
=io.k8s.api.apps.v1.ControllerRevision	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
data	2	#io.k8s.apimachinery.pkg.runtime.RawExtension	+
revision	3	int64	!	+	d=0
=io.k8s.api.apps.v1.ControllerRevisionList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ControllerRevision	!	+
=io.k8s.api.apps.v1.DaemonSet	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.DaemonSetSpec	+
status	3	#.DaemonSetStatus	+
=io.k8s.api.apps.v1.DaemonSetCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.api.apps.v1.DaemonSetList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.DaemonSet	!	+
=io.k8s.api.apps.v1.DaemonSetSpec	object
selector	1	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	!	*	+
template	2	#io.k8s.api.core.v1.PodTemplateSpec	!	+
updateStrategy	3	#.DaemonSetUpdateStrategy	+
minReadySeconds	4	int32
revisionHistoryLimit	6	int32	*
=io.k8s.api.apps.v1.DaemonSetStatus	object
currentNumberScheduled	1	int32	!	+	d=0
numberMisscheduled	2	int32	!	+	d=0
desiredNumberScheduled	3	int32	!	+	d=0
numberReady	4	int32	!	+	d=0
observedGeneration	5	int64
updatedNumberScheduled	6	int32
numberAvailable	7	int32
numberUnavailable	8	int32
collisionCount	9	int32	*
conditions	10	[]#.DaemonSetCondition	l=map	k=type	p=merge	q=type
=io.k8s.api.apps.v1.DaemonSetUpdateStrategy	object
type	1	string	e=OnDelete|RollingUpdate
rollingUpdate	2	#.RollingUpdateDaemonSet	*
=io.k8s.api.apps.v1.Deployment	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.DeploymentSpec	+
status	3	#.DeploymentStatus	+
=io.k8s.api.apps.v1.DeploymentCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastUpdateTime	6	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
lastTransitionTime	7	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.api.apps.v1.DeploymentList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Deployment	!	+
=io.k8s.api.apps.v1.DeploymentSpec	object
replicas	1	int32	*
selector	2	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	!	*	+
template	3	#io.k8s.api.core.v1.PodTemplateSpec	!	+
strategy	4	#.DeploymentStrategy	+	p=retainKeys
minReadySeconds	5	int32
revisionHistoryLimit	6	int32	*
paused	7	boolean
progressDeadlineSeconds	9	int32	*
=io.k8s.api.apps.v1.DeploymentStatus	object
observedGeneration	1	int64
replicas	2	int32
updatedReplicas	3	int32
readyReplicas	7	int32
availableReplicas	4	int32
unavailableReplicas	5	int32
terminatingReplicas	9	int32	*
conditions	6	[]#.DeploymentCondition	l=map	k=type	p=merge	q=type
collisionCount	8	int32	*
=io.k8s.api.apps.v1.DeploymentStrategy	object
type	1	string	e=Recreate|RollingUpdate
rollingUpdate	2	#.RollingUpdateDeployment	*
=io.k8s.api.apps.v1.ReplicaSet	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ReplicaSetSpec	+
status	3	#.ReplicaSetStatus	+
=io.k8s.api.apps.v1.ReplicaSetCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.api.apps.v1.ReplicaSetList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ReplicaSet	!	+
=io.k8s.api.apps.v1.ReplicaSetSpec	object
replicas	1	int32	*
minReadySeconds	4	int32
selector	2	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	!	*	+
template	3	#io.k8s.api.core.v1.PodTemplateSpec	+
=io.k8s.api.apps.v1.ReplicaSetStatus	object
replicas	1	int32	!	+	d=0
fullyLabeledReplicas	2	int32
readyReplicas	4	int32
availableReplicas	5	int32
terminatingReplicas	7	int32	*
observedGeneration	3	int64
conditions	6	[]#.ReplicaSetCondition	l=map	k=type	p=merge	q=type
=io.k8s.api.apps.v1.RollingUpdateDaemonSet	object
maxUnavailable	1	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	*
maxSurge	2	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	*
=io.k8s.api.apps.v1.RollingUpdateDeployment	object
maxUnavailable	1	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	*
maxSurge	2	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	*
=io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy	object
partition	1	int32	*
maxUnavailable	2	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	*
=io.k8s.api.apps.v1.StatefulSet	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.StatefulSetSpec	+
status	3	#.StatefulSetStatus	+
=io.k8s.api.apps.v1.StatefulSetCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.api.apps.v1.StatefulSetList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.StatefulSet	!	+
=io.k8s.api.apps.v1.StatefulSetOrdinals	object
start	1	int32	+	d=0
=io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy	object
whenDeleted	1	string
whenScaled	2	string
=io.k8s.api.apps.v1.StatefulSetSpec	object
replicas	1	int32	*
selector	2	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	!	*	+
template	3	#io.k8s.api.core.v1.PodTemplateSpec	!	+
volumeClaimTemplates	4	[]#io.k8s.api.core.v1.PersistentVolumeClaim	l=atomic
serviceName	5	string	+	d=""
podManagementPolicy	6	string	e=OrderedReady|Parallel
updateStrategy	7	#.StatefulSetUpdateStrategy	+
revisionHistoryLimit	8	int32	*
minReadySeconds	9	int32
persistentVolumeClaimRetentionPolicy	10	#.StatefulSetPersistentVolumeClaimRetentionPolicy	*
ordinals	11	#.StatefulSetOrdinals	*
=io.k8s.api.apps.v1.StatefulSetStatus	object
observedGeneration	1	int64
replicas	2	int32	!	+	d=0
readyReplicas	3	int32
currentReplicas	4	int32
updatedReplicas	5	int32
currentRevision	6	string
updateRevision	7	string
collisionCount	9	int32	*
conditions	10	[]#.StatefulSetCondition	l=map	k=type	p=merge	q=type
availableReplicas	11	int32	+	d=0
=io.k8s.api.apps.v1.StatefulSetUpdateStrategy	object
type	1	string	e=OnDelete|RollingUpdate
rollingUpdate	2	#.RollingUpdateStatefulSetStrategy	*
"""#
}
