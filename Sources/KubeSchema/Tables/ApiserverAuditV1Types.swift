// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.apiserver.pkg.apis.audit.v1.
enum ApiserverAuditV1Types {
    static let text: StaticString = #"""
=io.k8s.apiserver.pkg.apis.audit.v1.AuthenticationMetadata	object
impersonationConstraint	1	string
=io.k8s.apiserver.pkg.apis.audit.v1.Event	object
kind		string
apiVersion		string
level	1	string	!	+
auditID	2	string	!	+
stage	3	string	!	+
requestURI	4	string	!	+
verb	5	string	!	+
user	6	#io.k8s.api.authentication.v1.UserInfo	!	+
impersonatedUser	7	#io.k8s.api.authentication.v1.UserInfo	*
authenticationMetadata	17	#.AuthenticationMetadata	*
sourceIPs	8	[]string	l=atomic
userAgent	16	string
objectRef	9	#.ObjectReference	*
responseStatus	10	#io.k8s.apimachinery.pkg.apis.meta.v1.Status	*
requestObject	11	#io.k8s.apimachinery.pkg.runtime.Unknown	*
responseObject	12	#io.k8s.apimachinery.pkg.runtime.Unknown	*
requestReceivedTimestamp	13	#io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	+
stageTimestamp	14	#io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	+
annotations	15	{}string
=io.k8s.apiserver.pkg.apis.audit.v1.EventList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Event	!	+
=io.k8s.apiserver.pkg.apis.audit.v1.GroupResources	object
group	1	string
resources	2	[]string	l=atomic
resourceNames	3	[]string	l=atomic
=io.k8s.apiserver.pkg.apis.audit.v1.ObjectReference	object
resource	1	string
namespace	2	string
name	3	string
uid	4	string
apiGroup	5	string
apiVersion	6	string
resourceVersion	7	string
subresource	8	string
=io.k8s.apiserver.pkg.apis.audit.v1.Policy	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
rules	2	[]#.PolicyRule	!	+	l=atomic
omitStages	3	[]string	l=atomic
omitManagedFields	4	boolean
=io.k8s.apiserver.pkg.apis.audit.v1.PolicyList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Policy	!	+
=io.k8s.apiserver.pkg.apis.audit.v1.PolicyRule	object
level	1	string	!	+
users	2	[]string	l=atomic
userGroups	3	[]string	l=atomic
verbs	4	[]string	l=atomic
resources	5	[]#.GroupResources	l=atomic
namespaces	6	[]string	l=atomic
nonResourceURLs	7	[]string	l=atomic
omitStages	8	[]string	l=atomic
omitManagedFields	9	boolean	*
"""#
}
