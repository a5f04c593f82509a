// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.resource.v1.
enum ResourceV1Types {
    static let text: StaticString = #"""
=io.k8s.api.resource.v1.AllocatedDeviceStatus	object
driver	1	string	!	+	d=""
pool	2	string	!	+	d=""
device	3	string	!	+	d=""
shareID	7	string	*	c=format=k8s-uuid
conditions	4	[]#io.k8s.apimachinery.pkg.apis.meta.v1.Condition	+	l=map	k=type
data	5	#io.k8s.apimachinery.pkg.runtime.RawExtension	*
networkData	6	#.NetworkDeviceData	*
=io.k8s.api.resource.v1.AllocationResult	object
devices	1	#.DeviceAllocationResult	+
nodeSelector	3	#io.k8s.api.core.v1.NodeSelector	*
allocationTimestamp	5	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
=io.k8s.api.resource.v1.CELDeviceSelector	object
expression	1	string	!	+	d=""
=io.k8s.api.resource.v1.CapacityRequestPolicy	object
default	1	#io.k8s.apimachinery.pkg.api.resource.Quantity	*	+
validValues	3	[]#io.k8s.apimachinery.pkg.api.resource.Quantity	l=atomic
validRange	4	#.CapacityRequestPolicyRange	*
=io.k8s.api.resource.v1.CapacityRequestPolicyRange	object
min	1	#io.k8s.apimachinery.pkg.api.resource.Quantity	!	*
max	2	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
step	3	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
=io.k8s.api.resource.v1.CapacityRequirements	object
requests	1	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
=io.k8s.api.resource.v1.Counter	object
value	1	#io.k8s.apimachinery.pkg.api.resource.Quantity	!	+
=io.k8s.api.resource.v1.CounterSet	object
name	1	string	!	+	d=""	c=format=k8s-short-name
counters	2	{}#.Counter	!	c=eachKey=format=k8s-short-name
=io.k8s.api.resource.v1.Device	object
name	1	string	!	+	d=""
attributes	2	{}#.DeviceAttribute
capacity	3	{}#.DeviceCapacity
consumesCounters	4	[]#.DeviceCounterConsumption	l=atomic	c=unique=map;maxItems=2
nodeName	5	string	*
nodeSelector	6	#io.k8s.api.core.v1.NodeSelector	*
allNodes	7	boolean	*
taints	8	[]#.DeviceTaint	l=atomic
bindsToNode	9	boolean	*
bindingConditions	10	[]string	l=atomic	c=maxItems=4
bindingFailureConditions	11	[]string	l=atomic	c=maxItems=4
allowMultipleAllocations	12	boolean	*
nodeAllocatableResourceMappings	13	{}#.NodeAllocatableResourceMapping
=io.k8s.api.resource.v1.DeviceAllocationConfiguration	object
source	1	string	!	+	d=""	e=FromClaim|FromClass
requests	2	[]string	l=atomic	c=unique=set;maxItems=32
opaque	3.1	#.OpaqueDeviceConfiguration	*
=io.k8s.api.resource.v1.DeviceAllocationResult	object
results	1	[]#.DeviceRequestAllocationResult	l=atomic	c=maxItems=32
config	2	[]#.DeviceAllocationConfiguration	l=atomic	c=maxItems=64
=io.k8s.api.resource.v1.DeviceAttribute	object
int	2	int64	*	c=unionMember
bool	3	boolean	*	c=unionMember
string	4	string	*	c=unionMember
version	5	string	*	c=unionMember
ints	6	[]int64	l=atomic	c=unionMember
bools	7	[]boolean	l=atomic	c=unionMember
strings	8	[]string	l=atomic	c=unionMember
versions	9	[]string	l=atomic	c=unionMember
=io.k8s.api.resource.v1.DeviceCapacity	object
value	1	#io.k8s.apimachinery.pkg.api.resource.Quantity	!	+
requestPolicy	2	#.CapacityRequestPolicy	*
=io.k8s.api.resource.v1.DeviceClaim	object
requests	1	[]#.DeviceRequest	+	l=atomic	c=unique=map;maxItems=32
constraints	2	[]#.DeviceConstraint	l=atomic	c=maxItems=32
config	3	[]#.DeviceClaimConfiguration	l=atomic	c=maxItems=32
=io.k8s.api.resource.v1.DeviceClaimConfiguration	object
requests	1	[]string	l=atomic	c=unique=set;maxItems=32
opaque	2.1	#.OpaqueDeviceConfiguration	*
=io.k8s.api.resource.v1.DeviceClass	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+	c=subfield(name)=optional;subfield(name)=format=k8s-long-name
spec	2	#.DeviceClassSpec	!	+
=io.k8s.api.resource.v1.DeviceClassConfiguration	object
opaque	1.1	#.OpaqueDeviceConfiguration	*
=io.k8s.api.resource.v1.DeviceClassList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.DeviceClass	!	+
=io.k8s.api.resource.v1.DeviceClassSpec	object
selectors	1	[]#.DeviceSelector	l=atomic	c=maxItems=32
config	2	[]#.DeviceClassConfiguration	l=atomic	c=maxItems=32
extendedResourceName	4	string	*	c=format=k8s-extended-resource-name
=io.k8s.api.resource.v1.DeviceConfiguration	object
opaque	1	#.OpaqueDeviceConfiguration	*
=io.k8s.api.resource.v1.DeviceConstraint	object
requests	1	[]string	l=atomic	c=unique=set;maxItems=32
matchAttribute	2	string	*	c=format=k8s-resource-fully-qualified-name
distinctAttribute	3	string	*
=io.k8s.api.resource.v1.DeviceCounterConsumption	object
counterSet	1	string	!	+	d=""	c=format=k8s-short-name
counters	2	{}#.Counter	!	c=eachKey=format=k8s-short-name
=io.k8s.api.resource.v1.DeviceRequest	object
name	1	string	!	+	d=""
exactly	2	#.ExactDeviceRequest	*
firstAvailable	3	[]#.DeviceSubRequest	l=atomic	c=unique=map;maxItems=8
=io.k8s.api.resource.v1.DeviceRequestAllocationResult	object
request	1	string	!	+	d=""
driver	2	string	!	+	d=""	c=format=k8s-long-name-caseless;maxLength=63
pool	3	string	!	+	d=""	c=format=k8s-resource-pool-name
device	4	string	!	+	d=""
adminAccess	5	boolean	*
tolerations	6	[]#.DeviceToleration	l=atomic
bindingConditions	7	[]string	l=atomic	c=maxItems=4
bindingFailureConditions	8	[]string	l=atomic	c=maxItems=4
shareID	9	string	*	c=format=k8s-uuid
consumedCapacity	10	{}#io.k8s.apimachinery.pkg.api.resource.Quantity
=io.k8s.api.resource.v1.DeviceSelector	object
cel	1	#.CELDeviceSelector	*
=io.k8s.api.resource.v1.DeviceSubRequest	object
name	1	string	!	+	d=""
deviceClassName	2	string	!	+	d=""	c=format=k8s-long-name
selectors	3	[]#.DeviceSelector	l=atomic	c=maxItems=32
allocationMode	4	string	e=All|ExactCount
count	5	int64
tolerations	6	[]#.DeviceToleration	l=atomic
capacity	7	#.CapacityRequirements	*
=io.k8s.api.resource.v1.DeviceTaint	object
key	1	string	!	+	d=""
value	2	string
effect	3	string	!	+	d=""	e=NoExecute|NoSchedule|None
timeAdded	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	*
=io.k8s.api.resource.v1.DeviceToleration	object
key	1	string	c=format=k8s-label-key
operator	2	string	d="Equal"	e=Equal|Exists
value	3	string
effect	4	string	e=NoExecute|NoSchedule|None
tolerationSeconds	5	int64	*
=io.k8s.api.resource.v1.ExactDeviceRequest	object
deviceClassName	1	string	!	+	d=""
selectors	2	[]#.DeviceSelector	l=atomic	c=maxItems=32
allocationMode	3	string	e=All|ExactCount
count	4	int64
adminAccess	5	boolean	*
tolerations	6	[]#.DeviceToleration	l=atomic
capacity	7	#.CapacityRequirements	*
=io.k8s.api.resource.v1.NetworkDeviceData	object
interfaceName	1	string	c=maxBytes=256
ips	2	[]string	l=atomic	c=unique=set;maxItems=16
hardwareAddress	3	string	c=maxBytes=128
=io.k8s.api.resource.v1.NodeAllocatableResourceMapping	object
capacityKey	1	string	*
allocationMultiplier	2	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
=io.k8s.api.resource.v1.OpaqueDeviceConfiguration	object
driver	1	string	!	+	d=""	c=format=k8s-long-name-caseless;maxLength=63
parameters	2	#io.k8s.apimachinery.pkg.runtime.RawExtension	!	+
=io.k8s.api.resource.v1.ResourceClaim	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ResourceClaimSpec	!	+	c=immutable
status	3	#.ResourceClaimStatus	+
=io.k8s.api.resource.v1.ResourceClaimConsumerReference	object
apiGroup	1	string
resource	3	string	!	+	d=""
name	4	string	!	+	d=""
uid	5	string	!	+	d=""
=io.k8s.api.resource.v1.ResourceClaimList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ResourceClaim	!	+
=io.k8s.api.resource.v1.ResourceClaimSpec	object
devices	1	#.DeviceClaim	+
=io.k8s.api.resource.v1.ResourceClaimStatus	object
allocation	1	#.AllocationResult	*	c=update=NoModify
reservedFor	2	[]#.ResourceClaimConsumerReference	l=map	k=uid	p=merge	q=uid	c=maxItems=256
devices	4	[]#.AllocatedDeviceStatus	l=map	k=driver,device,pool,shareID
=io.k8s.api.resource.v1.ResourceClaimTemplate	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ResourceClaimTemplateSpec	!	+
=io.k8s.api.resource.v1.ResourceClaimTemplateList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ResourceClaimTemplate	!	+
=io.k8s.api.resource.v1.ResourceClaimTemplateSpec	object
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ResourceClaimSpec	!	+
=io.k8s.api.resource.v1.ResourcePool	object
name	1	string	!	+	d=""
generation	2	int64	!	+	d=0
resourceSliceCount	3	int64	!	+	d=0
=io.k8s.api.resource.v1.ResourceSlice	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ResourceSliceSpec	!	+
=io.k8s.api.resource.v1.ResourceSliceList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ResourceSlice	!	+
=io.k8s.api.resource.v1.ResourceSliceSpec	object
driver	1	string	!	+	d=""
pool	2	#.ResourcePool	!	+
nodeName	3	string	*
nodeSelector	4	#io.k8s.api.core.v1.NodeSelector	*
allNodes	5	boolean	*
devices	6	[]#.Device	l=atomic
perDeviceNodeSelection	7	boolean	*
sharedCounters	8	[]#.CounterSet	l=atomic	c=unique=map;maxItems=8
"""#
}
