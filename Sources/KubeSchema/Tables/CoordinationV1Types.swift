// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.coordination.v1.
enum CoordinationV1Types {
    static let text: StaticString = #"""
=io.k8s.api.coordination.v1.Lease	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.LeaseSpec	+
=io.k8s.api.coordination.v1.LeaseList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Lease	!	+
=io.k8s.api.coordination.v1.LeaseSpec	object
holderIdentity	1	string	*
leaseDurationSeconds	2	int32	*
acquireTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	*
renewTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime	*
leaseTransitions	5	int32	*
strategy	6	string	*
preferredHolder	7	string	*
"""#
}
