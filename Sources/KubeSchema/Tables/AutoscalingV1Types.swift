// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.autoscaling.v1.
enum AutoscalingV1Types {
    static let text: StaticString = #"""
=io.k8s.api.autoscaling.v1.CrossVersionObjectReference	object
kind	1	string	!	+	d=""
name	2	string	!	+	d=""
apiVersion	3	string
=io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.HorizontalPodAutoscalerSpec	!	+
status	3	#.HorizontalPodAutoscalerStatus	+
=io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.HorizontalPodAutoscaler	!	+
=io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec	object
scaleTargetRef	1	#.CrossVersionObjectReference	!	+
minReplicas	2	int32	*	c=ifEnabled(HPAScaleToZero)=minimum=0;ifDisabled(HPAScaleToZero)=minimum=1
maxReplicas	3	int32	!	+	d=0	c=minimum=1
targetCPUUtilizationPercentage	4	int32	*
=io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus	object
observedGeneration	1	int64	*
lastScaleTime	2	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
currentReplicas	3	int32	!	+	d=0
desiredReplicas	4	int32	!	+	d=0
currentCPUUtilizationPercentage	5	int32	*
=io.k8s.api.autoscaling.v1.Scale	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ScaleSpec	+
status	3	#.ScaleStatus	+
=io.k8s.api.autoscaling.v1.ScaleSpec	object
replicas	1	int32	d=0	c=minimum=0
=io.k8s.api.autoscaling.v1.ScaleStatus	object
replicas	1	int32	!	+	d=0
selector	2	string
"""#
}
