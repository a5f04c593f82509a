// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.batch.v1.
enum BatchV1Types {
    static let text: StaticString = #"""
=io.k8s.api.batch.v1.CronJob	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.CronJobSpec	!	+
status	3	#.CronJobStatus	+
=io.k8s.api.batch.v1.CronJobList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.CronJob	!	+
=io.k8s.api.batch.v1.CronJobSpec	object
schedule	1	string	!	+	d=""
timeZone	8	string	*
startingDeadlineSeconds	2	int64	*
concurrencyPolicy	3	string	e=Allow|Forbid|Replace
suspend	4	boolean	*
jobTemplate	5	#.JobTemplateSpec	!	+
successfulJobsHistoryLimit	6	int32	*
failedJobsHistoryLimit	7	int32	*
=io.k8s.api.batch.v1.CronJobStatus	object
active	1	[]#io.k8s.api.core.v1.ObjectReference	l=atomic
lastScheduleTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
lastSuccessfulTime	5	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
=io.k8s.api.batch.v1.Job	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.JobSpec	+
status	3	#.JobStatus	+
=io.k8s.api.batch.v1.JobCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastProbeTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
lastTransitionTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	5	string
message	6	string
=io.k8s.api.batch.v1.JobList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Job	!	+
=io.k8s.api.batch.v1.JobSpec	object
parallelism	1	int32	*
completions	2	int32	*
activeDeadlineSeconds	3	int64	*
podFailurePolicy	11	#.PodFailurePolicy	*
successPolicy	16	#.SuccessPolicy	*
backoffLimit	7	int32	*
backoffLimitPerIndex	12	int32	*
maxFailedIndexes	13	int32	*
selector	4	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
manualSelector	5	boolean	*
template	6	#io.k8s.api.core.v1.PodTemplateSpec	!	+
ttlSecondsAfterFinished	8	int32	*
completionMode	9	string	*	e=Indexed|NonIndexed
suspend	10	boolean	*
podReplacementPolicy	14	string	*	e=Failed|TerminatingOrFailed
managedBy	15	string	*
=io.k8s.api.batch.v1.JobStatus	object
conditions	1	[]#.JobCondition	l=atomic	p=merge	q=type
startTime	2	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
completionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
active	4	int32
succeeded	5	int32
failed	6	int32
terminating	11	int32	*
completedIndexes	7	string
failedIndexes	10	string	*
uncountedTerminatedPods	8	#.UncountedTerminatedPods	*
ready	9	int32	*
=io.k8s.api.batch.v1.JobTemplateSpec	object
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.JobSpec	+
=io.k8s.api.batch.v1.PodFailurePolicy	object
rules	1	[]#.PodFailurePolicyRule	!	+	l=atomic
=io.k8s.api.batch.v1.PodFailurePolicyOnExitCodesRequirement	object
containerName	1	string	*
operator	2	string	!	+	d=""	e=In|NotIn
values	3	[]int32	!	+	l=set
=io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern	object
type	1	string	!	+	d=""
status	2	string	+	d=""
=io.k8s.api.batch.v1.PodFailurePolicyRule	object
action	1	string	!	+	d=""	e=Count|FailIndex|FailJob|Ignore
onExitCodes	2	#.PodFailurePolicyOnExitCodesRequirement	*
onPodConditions	3	[]#.PodFailurePolicyOnPodConditionsPattern	l=atomic
=io.k8s.api.batch.v1.SuccessPolicy	object
rules	1	[]#.SuccessPolicyRule	!	+	l=atomic
=io.k8s.api.batch.v1.SuccessPolicyRule	object
succeededIndexes	1	string	*
succeededCount	2	int32	*
=io.k8s.api.batch.v1.UncountedTerminatedPods	object
succeeded	1	[]string	l=set
failed	2	[]string	l=set
"""#
}
