// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.node.v1.
enum NodeV1Types {
    static let text: StaticString = #"""
=io.k8s.api.node.v1.Overhead	object
podFixed	1	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
=io.k8s.api.node.v1.RuntimeClass	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
handler	2	string	!	+	d=""	c=format=k8s-short-name;immutable
overhead	3	#.Overhead	*
scheduling	4	#.Scheduling	*
=io.k8s.api.node.v1.RuntimeClassList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.RuntimeClass	!	+
=io.k8s.api.node.v1.Scheduling	object
nodeSelector	1	{}string	m=atomic
tolerations	2	[]#io.k8s.api.core.v1.Toleration	l=atomic
"""#
}
