// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.metrics.pkg.apis.metrics.v1beta1.
enum MetricsMetricsV1beta1Types {
    static let text: StaticString = #"""
=io.k8s.metrics.pkg.apis.metrics.v1beta1.ContainerMetrics	object
name	1	string	!	+
usage	2	{}#io.k8s.apimachinery.pkg.api.resource.Quantity	!	+
=io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
timestamp	2	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	!	+
window	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Duration	!	+
usage	4	{}#io.k8s.apimachinery.pkg.api.resource.Quantity	!	+
=io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetricsList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.NodeMetrics	!	+
=io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
timestamp	2	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	!	+
window	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Duration	!	+
containers	4	[]#.ContainerMetrics	!	+	l=atomic
=io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetricsList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.PodMetrics	!	+
"""#
}
