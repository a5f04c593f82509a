// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.apimachinery.pkg.apis.meta.v1.
enum ApimachineryMetaV1Types {
    static let text: StaticString = #"""
=io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup	object
kind		string
apiVersion		string
name	1	string	!	+	d=""
versions	2	[]#.GroupVersionForDiscovery	!	+	l=atomic
preferredVersion	3	#.GroupVersionForDiscovery	+
serverAddressByClientCIDRs	4	[]#.ServerAddressByClientCIDR	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList	object
kind		string
apiVersion		string
groups	1	[]#.APIGroup	!	+	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.APIResource	object
name	1	string	!	+	d=""
singularName	6	string	!	+	d=""
namespaced	2	boolean	!	+	d=false
group	8	string
version	9	string
kind	3	string	!	+	d=""
verbs	4	#.Verbs	!	+
shortNames	5	[]string	l=atomic
categories	7	[]string	l=atomic
storageVersionHash	10	string
=io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList	object
kind		string
apiVersion		string
groupVersion	1	string	!	+	d=""
resources	2	[]#.APIResource	!	+	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions	object
kind		string
apiVersion		string
versions	1	[]string	!	+	l=atomic
serverAddressByClientCIDRs	2	[]#.ServerAddressByClientCIDR	!	+	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.ApplyOptions	object
kind		string
apiVersion		string
dryRun	1	[]string	l=atomic
force	2	boolean	!	+
fieldManager	3	string	!	+
=io.k8s.apimachinery.pkg.apis.meta.v1.Condition	object
type	1	string	!	+	d=""	c=pattern=^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$;maxLength=316
status	2	string	!	+	d=""
observedGeneration	3	int64	c=minimum=0
lastTransitionTime	4	#.Time	!	+
reason	5	string	!	+	d=""	c=maxLength=1024;minLength=1;pattern=^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$
message	6	string	!	+	d=""	c=maxLength=32768
=io.k8s.apimachinery.pkg.apis.meta.v1.CreateOptions	object
kind		string
apiVersion		string
dryRun	1	[]string	l=atomic
fieldManager	3	string
fieldValidation	4	string
=io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions	object
kind		string
apiVersion		string
gracePeriodSeconds	1	int64	*
preconditions	2	#.Preconditions	*
orphanDependents	3	boolean	*
propagationPolicy	4	string	*
dryRun	5	[]string	l=atomic
ignoreStoreReadErrorWithClusterBreakingPotential	6	boolean	*
=io.k8s.apimachinery.pkg.apis.meta.v1.Duration	duration
=io.k8s.apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement	object
key	1	string	!	+	d=""
operator	2	string	!	+	d=""
values	3	[]string	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1	raw
=io.k8s.apimachinery.pkg.apis.meta.v1.GetOptions	object
kind		string
apiVersion		string
resourceVersion	1	string
=io.k8s.apimachinery.pkg.apis.meta.v1.GroupKind	object
group	1	string	!	+
kind	2	string	!	+
=io.k8s.apimachinery.pkg.apis.meta.v1.GroupResource	object
group	1	string	!	+	d=""
resource	2	string	!	+	d=""
=io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery	object
groupVersion	1	string	!	+	d=""
version	2	string	!	+	d=""
=io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionKind	object
group	1	string	!	+
version	2	string	!	+
kind	3	string	!	+
=io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionResource	object
group	1	string	!	+
version	2	string	!	+
resource	3	string	!	+
=io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	object
matchLabels	1	{}string
matchExpressions	2	[]#.LabelSelectorRequirement	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement	object
key	1	string	!	+	d=""
operator	2	string	!	+	d=""
values	3	[]string	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.List	object
kind		string
apiVersion		string
metadata	1	#.ListMeta	+
items	2	[]#io.k8s.apimachinery.pkg.runtime.RawExtension	!	+
=io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	object
selfLink	1	string
resourceVersion	2	string
continue	3	string
remainingItemCount	4	int64	*
shardInfo	5	#.ShardInfo	*
=io.k8s.apimachinery.pkg.apis.meta.v1.ListOptions	object
kind		string
apiVersion		string
labelSelector	1	string
fieldSelector	2	string
watch	3	boolean
allowWatchBookmarks	9	boolean
resourceVersion	4	string
resourceVersionMatch	10	string
timeoutSeconds	5	int64	*
limit	7	int64
continue	8	string
sendInitialEvents	11	boolean	*
shardSelector	15	string
=io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry	object
manager	1	string
operation	2	string
apiVersion	3	string
time	4	#.Time	*
fieldsType	6	string
fieldsV1	7	#.FieldsV1	*
subresource	8	string
=io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	microTime
=io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	object
name	1	string
generateName	2	string
namespace	3	string
selfLink	4	string
uid	5	string
resourceVersion	6	string
generation	7	int64
creationTimestamp	8	#.Time	0
deletionTimestamp	9	#.Time	*
deletionGracePeriodSeconds	10	int64	*
labels	11	{}string
annotations	12	{}string
ownerReferences	13	[]#.OwnerReference	l=map	k=uid	p=merge	q=uid
finalizers	14	[]string	l=set	p=merge
managedFields	17	[]#.ManagedFieldsEntry	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference	object
apiVersion	5	string	!	+	d=""
kind	1	string	!	+	d=""
name	3	string	!	+	d=""
uid	4	string	!	+	d=""
controller	6	boolean	*
blockOwnerDeletion	7	boolean	*
=io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadata	object
kind		string
apiVersion		string
metadata	1	#.ObjectMeta	+
=io.k8s.apimachinery.pkg.apis.meta.v1.PartialObjectMetadataList	object
kind		string
apiVersion		string
metadata	1	#.ListMeta	+
items	2	[]#.PartialObjectMetadata	!	+
=io.k8s.apimachinery.pkg.apis.meta.v1.PatchOptions	object
kind		string
apiVersion		string
dryRun	1	[]string	l=atomic
force	2	boolean	*
fieldManager	3	string
fieldValidation	4	string
=io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions	object
uid	1	string	*
resourceVersion	2	string	*
=io.k8s.apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR	object
clientCIDR	1	string	!	+	d=""
serverAddress	2	string	!	+	d=""
=io.k8s.apimachinery.pkg.apis.meta.v1.ShardInfo	object
selector	1	string	!	+	d=""
=io.k8s.apimachinery.pkg.apis.meta.v1.Status	object
kind		string
apiVersion		string
metadata	1	#.ListMeta	+
status	2	string
message	3	string
reason	4	string
details	5	#.StatusDetails	*
code	6	int32
=io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause	object
reason	1	string
message	2	string
field	3	string
=io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails	object
name	1	string
group	2	string
kind	3	string
uid	6	string
causes	4	[]#.StatusCause	l=atomic
retryAfterSeconds	5	int32
=io.k8s.apimachinery.pkg.apis.meta.v1.Table	object
kind		string
apiVersion		string
metadata		#.ListMeta	+
columnDefinitions		[]#.TableColumnDefinition	!	+	l=atomic
rows		[]#.TableRow	!	+	l=atomic
=io.k8s.apimachinery.pkg.apis.meta.v1.TableColumnDefinition	object
name		string	!	+
type		string	!	+
format		string	!	+
description		string	!	+
priority		int32	!	+
=io.k8s.apimachinery.pkg.apis.meta.v1.TableOptions	object
kind		string
apiVersion		string
includeObject	1	string
=io.k8s.apimachinery.pkg.apis.meta.v1.TableRow	object
cells		[]any	!	+	l=atomic
conditions		[]#.TableRowCondition	l=atomic
object		#io.k8s.apimachinery.pkg.runtime.RawExtension	+
=io.k8s.apimachinery.pkg.apis.meta.v1.TableRowCondition	object
type		string	!	+
status		string	!	+
reason		string
message		string
=io.k8s.apimachinery.pkg.apis.meta.v1.Time	time
=io.k8s.apimachinery.pkg.apis.meta.v1.Timestamp	object
seconds	1	int64	!	+
nanos	2	int32	!	+
=io.k8s.apimachinery.pkg.apis.meta.v1.TypeMeta	object
kind	1	string
apiVersion	2	string
=io.k8s.apimachinery.pkg.apis.meta.v1.UpdateOptions	object
kind		string
apiVersion		string
dryRun	1	[]string	l=atomic
fieldManager	2	string
fieldValidation	3	string
=io.k8s.apimachinery.pkg.apis.meta.v1.Verbs	list
=io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent	object
type	1	string	!	+	d=""
object	2	#io.k8s.apimachinery.pkg.runtime.RawExtension	!	+
"""#
}
