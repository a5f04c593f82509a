// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.policy.v1.
enum PolicyV1Types {
    static let text: StaticString = #"""
=io.k8s.api.policy.v1.Eviction	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
deleteOptions	2	#io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions	*
=io.k8s.api.policy.v1.PodDisruptionBudget	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.PodDisruptionBudgetSpec	+
status	3	#.PodDisruptionBudgetStatus	+
=io.k8s.api.policy.v1.PodDisruptionBudgetList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.PodDisruptionBudget	!	+
=io.k8s.api.policy.v1.PodDisruptionBudgetSpec	object
minAvailable	1	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	*
selector	2	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*	p=replace
maxUnavailable	3	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	*
unhealthyPodEvictionPolicy	4	string	*	e=AlwaysAllow|IfHealthyBudget
=io.k8s.api.policy.v1.PodDisruptionBudgetStatus	object
observedGeneration	1	int64
disruptedPods	2	{}#io.k8s.apimachinery.pkg.apis.meta.v1.Time
disruptionsAllowed	3	int32	+	d=0
currentHealthy	4	int32	+	d=0
desiredHealthy	5	int32	+	d=0
expectedPods	6	int32	+	d=0
conditions	7	[]#io.k8s.apimachinery.pkg.apis.meta.v1.Condition	l=map	k=type	p=merge	q=type
"""#
}
