// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.discovery.v1.
enum DiscoveryV1Types {
    static let text: StaticString = #"""
=io.k8s.api.discovery.v1.Endpoint	object
addresses	1	[]string	!	+	l=set	c=maxItems=100
conditions	2	#.EndpointConditions	+
hostname	3	string	*
targetRef	4	#io.k8s.api.core.v1.ObjectReference	*
deprecatedTopology	5	{}string
nodeName	6	string	*
zone	7	string	*
hints	8	#.EndpointHints	*
=io.k8s.api.discovery.v1.EndpointConditions	object
ready	1	boolean	*
serving	2	boolean	*
terminating	3	boolean	*
=io.k8s.api.discovery.v1.EndpointHints	object
forZones	1	[]#.ForZone	l=atomic
forNodes	2	[]#.ForNode	l=atomic
=io.k8s.api.discovery.v1.EndpointPort	object
name	1	string	*
protocol	2	string	*	e=SCTP|TCP|UDP
port	3	int32	*
appProtocol	4	string	*
=io.k8s.api.discovery.v1.EndpointSlice	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
addressType	4	string	!	+	d=""	e=FQDN|IPv4|IPv6	c=immutable
endpoints	2	[]#.Endpoint	+	l=atomic
ports	3	[]#.EndpointPort	+	l=atomic
=io.k8s.api.discovery.v1.EndpointSliceList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.EndpointSlice	!	+
=io.k8s.api.discovery.v1.ForNode	object
name	1	string	!	+	d=""
=io.k8s.api.discovery.v1.ForZone	object
name	1	string	!	+	d=""
"""#
}
