// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.rbac.v1.
enum RbacV1Types {
    static let text: StaticString = #"""
=io.k8s.api.rbac.v1.AggregationRule	object
clusterRoleSelectors	1	[]#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	l=atomic
=io.k8s.api.rbac.v1.ClusterRole	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
rules	2	[]#.PolicyRule	+	l=atomic
aggregationRule	3	#.AggregationRule	*
=io.k8s.api.rbac.v1.ClusterRoleBinding	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
subjects	2	[]#.Subject	l=atomic
roleRef	3	#.RoleRef	!	+
=io.k8s.api.rbac.v1.ClusterRoleBindingList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ClusterRoleBinding	!	+
=io.k8s.api.rbac.v1.ClusterRoleList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ClusterRole	!	+
=io.k8s.api.rbac.v1.PolicyRule	object
verbs	1	[]string	!	+	l=atomic
apiGroups	2	[]string	l=atomic
resources	3	[]string	l=atomic
resourceNames	4	[]string	l=atomic
nonResourceURLs	5	[]string	l=atomic
=io.k8s.api.rbac.v1.Role	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
rules	2	[]#.PolicyRule	+	l=atomic
=io.k8s.api.rbac.v1.RoleBinding	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
subjects	2	[]#.Subject	l=atomic
roleRef	3	#.RoleRef	!	+
=io.k8s.api.rbac.v1.RoleBindingList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.RoleBinding	!	+
=io.k8s.api.rbac.v1.RoleList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Role	!	+
=io.k8s.api.rbac.v1.RoleRef	object
apiGroup	1	string	+	d=""
kind	2	string	!	+	d=""
name	3	string	!	+	d=""
=io.k8s.api.rbac.v1.Subject	object
kind	1	string	!	+	d=""
apiGroup	2	string
name	3	string	!	+	d=""
namespace	4	string
"""#
}
