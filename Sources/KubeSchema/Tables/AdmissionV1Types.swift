// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.admission.v1.
enum AdmissionV1Types {
    static let text: StaticString = #"""
=io.k8s.api.admission.v1.AdmissionRequest	object
uid	1	string	+
kind	2	#io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionKind	+
resource	3	#io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionResource	+
subResource	4	string
requestKind	13	#io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionKind	*
requestResource	14	#io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionResource	*
requestSubResource	15	string
name	5	string
namespace	6	string
operation	7	string	+
userInfo	8	#io.k8s.api.authentication.v1.UserInfo	+
object	9	#io.k8s.apimachinery.pkg.runtime.RawExtension	+
oldObject	10	#io.k8s.apimachinery.pkg.runtime.RawExtension	+
dryRun	11	boolean	*
options	12	#io.k8s.apimachinery.pkg.runtime.RawExtension	+
=io.k8s.api.admission.v1.AdmissionResponse	object
uid	1	string	+
allowed	2	boolean	+
status	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Status	*
patch	4	bytes
patchType	5	string	*
auditAnnotations	6	{}string
warnings	7	[]string	l=atomic
=io.k8s.api.admission.v1.AdmissionReview	object
kind		string
apiVersion		string
request	1	#.AdmissionRequest	*
response	2	#.AdmissionResponse	*
"""#
}
