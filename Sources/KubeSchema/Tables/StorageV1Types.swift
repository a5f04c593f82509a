// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.storage.v1.
enum StorageV1Types {
    static let text: StaticString = #"""
=io.k8s.api.storage.v1.CSIDriver	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.CSIDriverSpec	!	+
=io.k8s.api.storage.v1.CSIDriverList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.CSIDriver	!	+
=io.k8s.api.storage.v1.CSIDriverSpec	object
attachRequired	1	boolean	*
podInfoOnMount	2	boolean	*
volumeLifecycleModes	3	[]string	l=set
storageCapacity	4	boolean	*
fsGroupPolicy	5	string	*
tokenRequests	6	[]#.TokenRequest	l=atomic
requiresRepublish	7	boolean	*
seLinuxMount	8	boolean	*
nodeAllocatableUpdatePeriodSeconds	9	int64	*
serviceAccountTokenInSecrets	10	boolean	*
preventPodSchedulingIfMissing	11	boolean	*
=io.k8s.api.storage.v1.CSINode	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.CSINodeSpec	!	+
=io.k8s.api.storage.v1.CSINodeDriver	object
name	1	string	!	+	d=""
nodeID	2	string	!	+	d=""
topologyKeys	3	[]string	+	l=atomic
allocatable	4	#.VolumeNodeResources	*
=io.k8s.api.storage.v1.CSINodeList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.CSINode	!	+
=io.k8s.api.storage.v1.CSINodeSpec	object
drivers	1	[]#.CSINodeDriver	!	+	l=map	k=name	p=merge	q=name
=io.k8s.api.storage.v1.CSIStorageCapacity	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
nodeTopology	2	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
storageClassName	3	string	!	+	d=""
capacity	4	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
maximumVolumeSize	5	#io.k8s.apimachinery.pkg.api.resource.Quantity	*
=io.k8s.api.storage.v1.CSIStorageCapacityList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.CSIStorageCapacity	!	+
=io.k8s.api.storage.v1.StorageClass	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
provisioner	2	string	!	+	d=""	c=immutable
parameters	3	{}string	c=immutable
reclaimPolicy	4	string	*	e=Delete|Recycle|Retain	c=immutable
mountOptions	5	[]string	l=atomic
allowVolumeExpansion	6	boolean	*
volumeBindingMode	7	string	*	e=Immediate|WaitForFirstConsumer	c=immutable
allowedTopologies	8	[]#io.k8s.api.core.v1.TopologySelectorTerm	l=atomic
=io.k8s.api.storage.v1.StorageClassList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.StorageClass	!	+
=io.k8s.api.storage.v1.TokenRequest	object
audience	1	string	!	+	d=""
expirationSeconds	2	int64	*
=io.k8s.api.storage.v1.VolumeAttachment	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.VolumeAttachmentSpec	!	+	c=immutable
status	3	#.VolumeAttachmentStatus	+
=io.k8s.api.storage.v1.VolumeAttachmentList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.VolumeAttachment	!	+
=io.k8s.api.storage.v1.VolumeAttachmentSource	object
persistentVolumeName	1	string	*
inlineVolumeSpec	2	#io.k8s.api.core.v1.PersistentVolumeSpec	*
=io.k8s.api.storage.v1.VolumeAttachmentSpec	object
attacher	1	string	!	+	d=""	c=format=k8s-long-name-caseless;maxLength=63
source	2	#.VolumeAttachmentSource	!	+
nodeName	3	string	!	+	d=""
=io.k8s.api.storage.v1.VolumeAttachmentStatus	object
attached	1	boolean	!	+	d=false
attachmentMetadata	2	{}string
attachError	3	#.VolumeError	*
detachError	4	#.VolumeError	*
=io.k8s.api.storage.v1.VolumeAttributesClass	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
driverName	2	string	!	+	d=""
parameters	3	{}string
=io.k8s.api.storage.v1.VolumeAttributesClassList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.VolumeAttributesClass	!	+
=io.k8s.api.storage.v1.VolumeError	object
time	1	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
message	2	string
errorCode	3	int32	*
=io.k8s.api.storage.v1.VolumeNodeResources	object
count	1	int32	*
"""#
}
