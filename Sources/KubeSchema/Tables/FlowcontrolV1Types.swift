// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.flowcontrol.v1.
enum FlowcontrolV1Types {
    static let text: StaticString = #"""
=io.k8s.api.flowcontrol.v1.ExemptPriorityLevelConfiguration	object
nominalConcurrencyShares	1	int32	*
lendablePercent	2	int32	*
=io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod	object
type	1	string	!	+	d=""
=io.k8s.api.flowcontrol.v1.FlowSchema	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.FlowSchemaSpec	+
status	3	#.FlowSchemaStatus	+
=io.k8s.api.flowcontrol.v1.FlowSchemaCondition	object
type	1	string
status	2	string
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.api.flowcontrol.v1.FlowSchemaList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.FlowSchema	!	+
=io.k8s.api.flowcontrol.v1.FlowSchemaSpec	object
priorityLevelConfiguration	1	#.PriorityLevelConfigurationReference	!	+
matchingPrecedence	2	int32	+	d=0
distinguisherMethod	3	#.FlowDistinguisherMethod	*
rules	4	[]#.PolicyRulesWithSubjects	l=atomic
=io.k8s.api.flowcontrol.v1.FlowSchemaStatus	object
conditions	1	[]#.FlowSchemaCondition	l=map	k=type	p=merge	q=type
=io.k8s.api.flowcontrol.v1.GroupSubject	object
name	1	string	!	+	d=""
=io.k8s.api.flowcontrol.v1.LimitResponse	object
type	1	string	!	+	d=""	c=discriminator
queuing	2	#.QueuingConfiguration	*	c=member(Queue)=required;member(Reject)=forbidden
=io.k8s.api.flowcontrol.v1.LimitedPriorityLevelConfiguration	object
nominalConcurrencyShares	1	int32	*	+
limitResponse	2	#.LimitResponse	+
lendablePercent	3	int32	*
borrowingLimitPercent	4	int32	*
=io.k8s.api.flowcontrol.v1.NonResourcePolicyRule	object
verbs	1	[]string	!	+	l=set
nonResourceURLs	6	[]string	!	+	l=set
=io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects	object
subjects	1	[]#.Subject	!	+	l=atomic
resourceRules	2	[]#.ResourcePolicyRule	l=atomic
nonResourceRules	3	[]#.NonResourcePolicyRule	l=atomic
=io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.PriorityLevelConfigurationSpec	+
status	3	#.PriorityLevelConfigurationStatus	+
=io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationCondition	object
type	1	string
status	2	string
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.PriorityLevelConfiguration	!	+
=io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference	object
name	1	string	!	+	d=""
=io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec	object
type	1	string	!	+	d=""	c=discriminator
limited	2	#.LimitedPriorityLevelConfiguration	*	c=member(Limited)=required;member(Exempt)=forbidden
exempt	3	#.ExemptPriorityLevelConfiguration	*	c=member(Exempt)=optional;member(Limited)=forbidden
=io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationStatus	object
conditions	1	[]#.PriorityLevelConfigurationCondition	l=map	k=type	p=merge	q=type
=io.k8s.api.flowcontrol.v1.QueuingConfiguration	object
queues	1	int32	+	d=0
handSize	2	int32	+	d=0
queueLengthLimit	3	int32	+	d=0
=io.k8s.api.flowcontrol.v1.ResourcePolicyRule	object
verbs	1	[]string	!	+	l=set
apiGroups	2	[]string	!	+	l=set
resources	3	[]string	!	+	l=set
clusterScope	4	boolean
namespaces	5	[]string	+	l=set
=io.k8s.api.flowcontrol.v1.ServiceAccountSubject	object
namespace	1	string	!	+	d=""
name	2	string	!	+	d=""
=io.k8s.api.flowcontrol.v1.Subject	object
kind	1	string	!	+	d=""
user	2	#.UserSubject	*
group	3	#.GroupSubject	*
serviceAccount	4	#.ServiceAccountSubject	*
=io.k8s.api.flowcontrol.v1.UserSubject	object
name	1	string	!	+	d=""
"""#
}
