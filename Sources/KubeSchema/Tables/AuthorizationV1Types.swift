// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.authorization.v1.
enum AuthorizationV1Types {
    static let text: StaticString = #"""
=io.k8s.api.authorization.v1.ExtraValue	list
=io.k8s.api.authorization.v1.FieldSelectorAttributes	object
rawSelector	1	string
requirements	2	[]#io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement	l=atomic
=io.k8s.api.authorization.v1.LabelSelectorAttributes	object
rawSelector	1	string
requirements	2	[]#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement	l=atomic
=io.k8s.api.authorization.v1.LocalSubjectAccessReview	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.SubjectAccessReviewSpec	!	+
status	3	#.SubjectAccessReviewStatus	+
=io.k8s.api.authorization.v1.NonResourceAttributes	object
path	1	string
verb	2	string
=io.k8s.api.authorization.v1.NonResourceRule	object
verbs	1	[]string	!	+	l=atomic
nonResourceURLs	2	[]string	l=atomic
=io.k8s.api.authorization.v1.ResourceAttributes	object
namespace	1	string
verb	2	string
group	3	string
version	4	string
resource	5	string
subresource	6	string
name	7	string
fieldSelector	8	#.FieldSelectorAttributes	*
labelSelector	9	#.LabelSelectorAttributes	*
=io.k8s.api.authorization.v1.ResourceRule	object
verbs	1	[]string	!	+	l=atomic
apiGroups	2	[]string	l=atomic
resources	3	[]string	l=atomic
resourceNames	4	[]string	l=atomic
=io.k8s.api.authorization.v1.SelfSubjectAccessReview	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.SelfSubjectAccessReviewSpec	!	+
status	3	#.SubjectAccessReviewStatus	+
=io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec	object
resourceAttributes	1	#.ResourceAttributes	*
nonResourceAttributes	2	#.NonResourceAttributes	*
=io.k8s.api.authorization.v1.SelfSubjectRulesReview	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.SelfSubjectRulesReviewSpec	!	+
status	3	#.SubjectRulesReviewStatus	+
=io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec	object
namespace	1	string
=io.k8s.api.authorization.v1.SubjectAccessReview	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.SubjectAccessReviewSpec	!	+
status	3	#.SubjectAccessReviewStatus	+
=io.k8s.api.authorization.v1.SubjectAccessReviewSpec	object
resourceAttributes	1	#.ResourceAttributes	*
nonResourceAttributes	2	#.NonResourceAttributes	*
user	3	string
groups	4	[]string	l=atomic
extra	5	{}#.ExtraValue
uid	6	string
=io.k8s.api.authorization.v1.SubjectAccessReviewStatus	object
allowed	1	boolean	!	+	d=false
denied	4	boolean
reason	2	string
evaluationError	3	string
=io.k8s.api.authorization.v1.SubjectRulesReviewStatus	object
resourceRules	1	[]#.ResourceRule	!	+	l=atomic
nonResourceRules	2	[]#.NonResourceRule	!	+	l=atomic
incomplete	3	boolean	!	+	d=false
evaluationError	4	string
"""#
}
