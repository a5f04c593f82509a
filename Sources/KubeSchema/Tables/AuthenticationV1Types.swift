// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.authentication.v1.
enum AuthenticationV1Types {
    static let text: StaticString = #"""
=io.k8s.api.authentication.v1.BoundObjectReference	object
kind	1	string
apiVersion	2	string
name	3	string
uid	4	string
=io.k8s.api.authentication.v1.ExtraValue	list
=io.k8s.api.authentication.v1.SelfSubjectReview	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
status	2	#.SelfSubjectReviewStatus	+
=io.k8s.api.authentication.v1.SelfSubjectReviewStatus	object
userInfo	1	#.UserInfo	+
=io.k8s.api.authentication.v1.TokenRequest	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.TokenRequestSpec	+
status	3	#.TokenRequestStatus	+
=io.k8s.api.authentication.v1.TokenRequestSpec	object
audiences	1	[]string	+	l=atomic
expirationSeconds	4	int64	*	+
boundObjectRef	3	#.BoundObjectReference	*	+
=io.k8s.api.authentication.v1.TokenRequestStatus	object
token	1	string	+	d=""
expirationTimestamp	2	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
=io.k8s.api.authentication.v1.TokenReview	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.TokenReviewSpec	!	+
status	3	#.TokenReviewStatus	+
=io.k8s.api.authentication.v1.TokenReviewSpec	object
token	1	string	!
audiences	2	[]string	l=atomic
=io.k8s.api.authentication.v1.TokenReviewStatus	object
authenticated	1	boolean
user	2	#.UserInfo	+
audiences	4	[]string	l=atomic
error	3	string
=io.k8s.api.authentication.v1.UserInfo	object
username	1	string
uid	2	string
groups	3	[]string	l=atomic
extra	4	{}#.ExtraValue
"""#
}
