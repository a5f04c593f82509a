// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.apidiscovery.v2.
enum ApidiscoveryV2Types {
    static let text: StaticString = #"""
=io.k8s.api.apidiscovery.v2.APIGroupDiscovery	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
versions	2	[]#.APIVersionDiscovery	l=map	k=version
=io.k8s.api.apidiscovery.v2.APIGroupDiscoveryList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.APIGroupDiscovery	!	+
=io.k8s.api.apidiscovery.v2.APIResourceDiscovery	object
resource	1	string	!	+
responseKind	2	#io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionKind	*
scope	3	string	!	+
singularResource	4	string	!	+
verbs	5	[]string	!	+	l=set
shortNames	6	[]string	l=set
categories	7	[]string	l=set
subresources	8	[]#.APISubresourceDiscovery	l=map	k=subresource
=io.k8s.api.apidiscovery.v2.APISubresourceDiscovery	object
subresource	1	string	!	+
responseKind	2	#io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionKind	*
acceptedTypes	3	[]#io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionKind	l=map	k=group,version,kind
verbs	4	[]string	!	+	l=set
=io.k8s.api.apidiscovery.v2.APIVersionDiscovery	object
version	1	string	!	+
resources	2	[]#.APIResourceDiscovery	l=map	k=resource
freshness	3	string
"""#
}
