// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.autoscaling.v2.
enum AutoscalingV2Types {
    static let text: StaticString = #"""
=io.k8s.api.autoscaling.v2.ContainerResourceMetricSource	object
name	1	string	!	+	d=""
target	2	#.MetricTarget	!	+
container	3	string	!	+	d=""
=io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus	object
name	1	string	!	+	d=""
current	2	#.MetricValueStatus	!	+
container	3	string	!	+	d=""
=io.k8s.api.autoscaling.v2.CrossVersionObjectReference	object
kind	1	string	!	+	d=""
name	2	string	!	+	d=""
apiVersion	3	string
=io.k8s.api.autoscaling.v2.ExternalMetricSource	object
metric	1	#.MetricIdentifier	!	+
target	2	#.MetricTarget	!	+
=io.k8s.api.autoscaling.v2.ExternalMetricStatus	object
metric	1	#.MetricIdentifier	!	+
current	2	#.MetricValueStatus	!	+
=io.k8s.api.autoscaling.v2.HPAScalingPolicy	object
type	1	string	!	+	d=""
value	2	int32	!	+	d=0
periodSeconds	3	int32	!	+	d=0
=io.k8s.api.autoscaling.v2.HPAScalingRules	object
stabilizationWindowSeconds	3	int32	*
selectPolicy	1	string	*
policies	2	[]#.HPAScalingPolicy	l=atomic
tolerance	4	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
=io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.HorizontalPodAutoscalerSpec	!	+
status	3	#.HorizontalPodAutoscalerStatus	+
=io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior	object
scaleUp	1	#.HPAScalingRules	*
scaleDown	2	#.HPAScalingRules	*
=io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.HorizontalPodAutoscaler	!	+
=io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec	object
scaleTargetRef	1	#.CrossVersionObjectReference	!	+
minReplicas	2	int32	*	c=ifEnabled(HPAScaleToZero)=minimum=0;ifDisabled(HPAScaleToZero)=minimum=1
maxReplicas	3	int32	!	+	d=0	c=minimum=1
metrics	4	[]#.MetricSpec	l=atomic
behavior	5	#.HorizontalPodAutoscalerBehavior	*
=io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus	object
observedGeneration	1	int64	*
lastScaleTime	2	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
currentReplicas	3	int32
desiredReplicas	4	int32	!	+	d=0
currentMetrics	5	[]#.MetricStatus	+	l=atomic
conditions	6	[]#.HorizontalPodAutoscalerCondition	l=map	k=type	p=merge	q=type
=io.k8s.api.autoscaling.v2.MetricIdentifier	object
name	1	string	!	+	d=""
selector	2	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
=io.k8s.api.autoscaling.v2.MetricSpec	object
type	1	string	!	+	d=""
object	2	#.ObjectMetricSource	*
pods	3	#.PodsMetricSource	*
resource	4	#.ResourceMetricSource	*
containerResource	7	#.ContainerResourceMetricSource	*
external	5	#.ExternalMetricSource	*
=io.k8s.api.autoscaling.v2.MetricStatus	object
type	1	string	!	+	d=""
object	2	#.ObjectMetricStatus	*
pods	3	#.PodsMetricStatus	*
resource	4	#.ResourceMetricStatus	*
containerResource	7	#.ContainerResourceMetricStatus	*
external	5	#.ExternalMetricStatus	*
=io.k8s.api.autoscaling.v2.MetricTarget	object
type	1	string	!	+	d=""
value	2	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
averageValue	3	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
averageUtilization	4	int32	*
=io.k8s.api.autoscaling.v2.MetricValueStatus	object
value	1	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
averageValue	2	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
averageUtilization	3	int32	*
=io.k8s.api.autoscaling.v2.ObjectMetricSource	object
describedObject	1	#.CrossVersionObjectReference	!	+
target	2	#.MetricTarget	!	+
metric	3	#.MetricIdentifier	!	+
=io.k8s.api.autoscaling.v2.ObjectMetricStatus	object
metric	1	#.MetricIdentifier	!	+
current	2	#.MetricValueStatus	!	+
describedObject	3	#.CrossVersionObjectReference	!	+
=io.k8s.api.autoscaling.v2.PodsMetricSource	object
metric	1	#.MetricIdentifier	!	+
target	2	#.MetricTarget	!	+
=io.k8s.api.autoscaling.v2.PodsMetricStatus	object
metric	1	#.MetricIdentifier	!	+
current	2	#.MetricValueStatus	!	+
=io.k8s.api.autoscaling.v2.ResourceMetricSource	object
name	1	string	!	+	d=""
target	2	#.MetricTarget	!	+
=io.k8s.api.autoscaling.v2.ResourceMetricStatus	object
name	1	string	!	+	d=""
current	2	#.MetricValueStatus	!	+
"""#
}
