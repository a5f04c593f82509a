// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.admissionregistration.v1.
enum AdmissionregistrationV1Types {
    static let text: StaticString = #"""
=io.k8s.api.admissionregistration.v1.ApplyConfiguration	object
expression	1	string
=io.k8s.api.admissionregistration.v1.AuditAnnotation	object
key	1	string	!	+	d=""
valueExpression	2	string	!	+	d=""
=io.k8s.api.admissionregistration.v1.ExpressionWarning	object
fieldRef	2	string	!	+	d=""
warning	3	string	!	+	d=""
=io.k8s.api.admissionregistration.v1.JSONPatch	object
expression	1	string
=io.k8s.api.admissionregistration.v1.MatchCondition	object
name	1	string	!	+	d=""
expression	2	string	!	+	d=""
=io.k8s.api.admissionregistration.v1.MatchResources	object
namespaceSelector	1	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
objectSelector	2	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
resourceRules	3	[]#.NamedRuleWithOperations	l=atomic
excludeResourceRules	4	[]#.NamedRuleWithOperations	l=atomic
matchPolicy	7	string	*	e=Equivalent|Exact
=io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.MutatingAdmissionPolicySpec	+
=io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.MutatingAdmissionPolicyBindingSpec	+
=io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.MutatingAdmissionPolicyBinding	!	+
=io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec	object
policyName	1	string
paramRef	2	#.ParamRef	*
matchResources	3	#.MatchResources	*
=io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.MutatingAdmissionPolicy	!	+
=io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec	object
paramKind	1	#.ParamKind	*
matchConstraints	2	#.MatchResources	*
variables	3	[]#.Variable	l=atomic
mutations	4	[]#.Mutation	l=atomic
failurePolicy	5	string	*	e=Fail|Ignore
matchConditions	6	[]#.MatchCondition	l=map	k=name	p=merge	q=name
reinvocationPolicy	7	string	e=IfNeeded|Never
=io.k8s.api.admissionregistration.v1.MutatingWebhook	object
name	1	string	!	+	d=""
clientConfig	2	#.WebhookClientConfig	!	+
rules	3	[]#.RuleWithOperations	l=atomic
failurePolicy	4	string	*	e=Fail|Ignore
matchPolicy	9	string	*	e=Equivalent|Exact
namespaceSelector	5	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
objectSelector	11	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
sideEffects	6	string	!	*	+	e=None|NoneOnDryRun|Some|Unknown
timeoutSeconds	7	int32	*
admissionReviewVersions	8	[]string	!	+	l=atomic
reinvocationPolicy	10	string	*	e=IfNeeded|Never
matchConditions	12	[]#.MatchCondition	l=map	k=name	p=merge	q=name
=io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
webhooks	2	[]#.MutatingWebhook	l=map	k=name	p=merge	q=name
=io.k8s.api.admissionregistration.v1.MutatingWebhookConfigurationList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.MutatingWebhookConfiguration	!	+
=io.k8s.api.admissionregistration.v1.Mutation	object
patchType	2	string	!	+	d=""	e=ApplyConfiguration|JSONPatch
applyConfiguration	3	#.ApplyConfiguration	*
jsonPatch	4	#.JSONPatch	*
=io.k8s.api.admissionregistration.v1.NamedRuleWithOperations	object
resourceNames	1	[]string	l=atomic
operations	2.1	[]string	e=*|CONNECT|CREATE|DELETE|UPDATE	l=atomic
apiGroups	2.2.1	[]string	l=atomic
apiVersions	2.2.2	[]string	l=atomic
resources	2.2.3	[]string	l=atomic
scope	2.2.4	string	*	e=*|Cluster|Namespaced
=io.k8s.api.admissionregistration.v1.ParamKind	object
apiVersion	1	string
kind	2	string
=io.k8s.api.admissionregistration.v1.ParamRef	object
name	1	string
namespace	2	string
selector	3	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
parameterNotFoundAction	4	string	*
=io.k8s.api.admissionregistration.v1.Rule	object
apiGroups	1	[]string	l=atomic
apiVersions	2	[]string	l=atomic
resources	3	[]string	l=atomic
scope	4	string	*	e=*|Cluster|Namespaced
=io.k8s.api.admissionregistration.v1.RuleWithOperations	object
operations	1	[]string	e=*|CONNECT|CREATE|DELETE|UPDATE	l=atomic
apiGroups	2.1	[]string	l=atomic
apiVersions	2.2	[]string	l=atomic
resources	2.3	[]string	l=atomic
scope	2.4	string	*	e=*|Cluster|Namespaced
=io.k8s.api.admissionregistration.v1.ServiceReference	object
namespace	1	string	!	+	d=""
name	2	string	!	+	d=""
path	3	string	*
port	4	int32	*
=io.k8s.api.admissionregistration.v1.TypeChecking	object
expressionWarnings	1	[]#.ExpressionWarning	l=atomic
=io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ValidatingAdmissionPolicySpec	+
status	3	#.ValidatingAdmissionPolicyStatus	+
=io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ValidatingAdmissionPolicyBindingSpec	!	+
=io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ValidatingAdmissionPolicyBinding	!	+
=io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec	object
policyName	1	string	!
paramRef	2	#.ParamRef	*
matchResources	3	#.MatchResources	*
validationActions	4	[]string	!	e=Audit|Deny|Warn	l=set
=io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ValidatingAdmissionPolicy	!	+
=io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicySpec	object
paramKind	1	#.ParamKind	*
matchConstraints	2	#.MatchResources	*
validations	3	[]#.Validation	l=atomic
failurePolicy	4	string	*	e=Fail|Ignore
auditAnnotations	5	[]#.AuditAnnotation	l=atomic
matchConditions	6	[]#.MatchCondition	l=map	k=name	p=merge	q=name
variables	7	[]#.Variable	l=map	k=name	p=merge	q=name
=io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyStatus	object
observedGeneration	1	int64
typeChecking	2	#.TypeChecking	*
conditions	3	[]#io.k8s.apimachinery.pkg.apis.meta.v1.Condition	l=map	k=type
=io.k8s.api.admissionregistration.v1.ValidatingWebhook	object
name	1	string	!	+	d=""
clientConfig	2	#.WebhookClientConfig	!	+
rules	3	[]#.RuleWithOperations	l=atomic
failurePolicy	4	string	*	e=Fail|Ignore
matchPolicy	9	string	*	e=Equivalent|Exact
namespaceSelector	5	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
objectSelector	10	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
sideEffects	6	string	!	*	+	e=None|NoneOnDryRun|Some|Unknown
timeoutSeconds	7	int32	*
admissionReviewVersions	8	[]string	!	+	l=atomic
matchConditions	11	[]#.MatchCondition	l=map	k=name	p=merge	q=name
=io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
webhooks	2	[]#.ValidatingWebhook	l=map	k=name	p=merge	q=name
=io.k8s.api.admissionregistration.v1.ValidatingWebhookConfigurationList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ValidatingWebhookConfiguration	!	+
=io.k8s.api.admissionregistration.v1.Validation	object
expression	1	string	!	+	d=""
message	2	string
reason	3	string	*
messageExpression	4	string
=io.k8s.api.admissionregistration.v1.Variable	object
name	1	string	!	+	d=""
expression	2	string	!	+	d=""
=io.k8s.api.admissionregistration.v1.WebhookClientConfig	object
url	3	string	*
service	1	#.ServiceReference	*
caBundle	2	bytes
"""#
}
