// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.events.v1.
enum EventsV1Types {
    static let text: StaticString = #"""
=io.k8s.api.events.v1.Event	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
eventTime	2	#io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	!	+
series	3	#.EventSeries	*
reportingController	4	string
reportingInstance	5	string
action	6	string
reason	7	string
regarding	8	#io.k8s.api.core.v1.ObjectReference	+
related	9	#io.k8s.api.core.v1.ObjectReference	*
note	10	string
type	11	string
deprecatedSource	12	#io.k8s.api.core.v1.EventSource	+
deprecatedFirstTimestamp	13	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
deprecatedLastTimestamp	14	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
deprecatedCount	15	int32
=io.k8s.api.events.v1.EventList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Event	!	+
=io.k8s.api.events.v1.EventSeries	object
count	1	int32	!	+	d=0
lastObservedTime	2	#io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	!	+
"""#
}
