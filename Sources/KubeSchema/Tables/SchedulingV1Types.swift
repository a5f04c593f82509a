// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.scheduling.v1.
enum SchedulingV1Types {
    static let text: StaticString = #"""
=io.k8s.api.scheduling.v1.PriorityClass	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
value	2	int32	+	d=0
globalDefault	3	boolean
description	4	string
preemptionPolicy	5	string	*	e=Never|PreemptLowerPriority
=io.k8s.api.scheduling.v1.PriorityClassList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.PriorityClass	!	+
"""#
}
