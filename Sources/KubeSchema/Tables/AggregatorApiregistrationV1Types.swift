// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.
enum AggregatorApiregistrationV1Types {
    static let text: StaticString = #"""
=io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.APIServiceSpec	+
status	3	#.APIServiceStatus	+
=io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
=io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.APIService	!	+
=io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec	object
service	1	#.ServiceReference	*
group	2	string
version	3	string
insecureSkipTLSVerify	4	boolean
caBundle	5	bytes	l=atomic
groupPriorityMinimum	7	int32	!	+	d=0
versionPriority	8	int32	!	+	d=0
=io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus	object
conditions	1	[]#.APIServiceCondition	l=map	k=type	p=merge	q=type
=io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference	object
namespace	1	string
name	2	string
port	3	int32	*
"""#
}
