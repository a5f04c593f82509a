// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.networking.v1.
enum NetworkingV1Types {
    static let text: StaticString = #"""
=io.k8s.api.networking.v1.HTTPIngressPath	object
path	1	string
pathType	3	string	!	*	+	e=Exact|ImplementationSpecific|Prefix
backend	2	#.IngressBackend	!	+
=io.k8s.api.networking.v1.HTTPIngressRuleValue	object
paths	1	[]#.HTTPIngressPath	!	+	l=atomic
=io.k8s.api.networking.v1.IPAddress	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.IPAddressSpec	!	+
=io.k8s.api.networking.v1.IPAddressList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.IPAddress	!	+
=io.k8s.api.networking.v1.IPAddressSpec	object
parentRef	1	#.ParentReference	!	*	c=immutable
=io.k8s.api.networking.v1.IPBlock	object
cidr	1	string	!	+	d=""
except	2	[]string	l=atomic
=io.k8s.api.networking.v1.Ingress	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.IngressSpec	+
status	3	#.IngressStatus	+
=io.k8s.api.networking.v1.IngressBackend	object
service	4	#.IngressServiceBackend	*
resource	3	#io.k8s.api.core.v1.TypedLocalObjectReference	*
=io.k8s.api.networking.v1.IngressClass	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.IngressClassSpec	+
=io.k8s.api.networking.v1.IngressClassList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.IngressClass	!	+
=io.k8s.api.networking.v1.IngressClassParametersReference	object
apiGroup	1	string	*
kind	2	string	!	+	d=""
name	3	string	!	+	d=""
scope	4	string	*	+
namespace	5	string	*
=io.k8s.api.networking.v1.IngressClassSpec	object
controller	1	string
parameters	2	#.IngressClassParametersReference	*
=io.k8s.api.networking.v1.IngressList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.Ingress	!	+
=io.k8s.api.networking.v1.IngressLoadBalancerIngress	object
ip	1	string
hostname	2	string
ports	4	[]#.IngressPortStatus	l=atomic
=io.k8s.api.networking.v1.IngressLoadBalancerStatus	object
ingress	1	[]#.IngressLoadBalancerIngress	l=atomic
=io.k8s.api.networking.v1.IngressPortStatus	object
port	1	int32	!	+	d=0
protocol	2	string	!	+	d=""	e=SCTP|TCP|UDP
error	3	string	*	c=pattern=^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$;maxLength=316
=io.k8s.api.networking.v1.IngressRule	object
host	1	string
http	2.1	#.HTTPIngressRuleValue	*
=io.k8s.api.networking.v1.IngressRuleValue	object
http	1	#.HTTPIngressRuleValue	*
=io.k8s.api.networking.v1.IngressServiceBackend	object
name	1	string	!	+	d=""
port	2	#.ServiceBackendPort	+
=io.k8s.api.networking.v1.IngressSpec	object
ingressClassName	4	string	*
defaultBackend	1	#.IngressBackend	*
tls	2	[]#.IngressTLS	l=atomic
rules	3	[]#.IngressRule	l=atomic
=io.k8s.api.networking.v1.IngressStatus	object
loadBalancer	1	#.IngressLoadBalancerStatus	+
=io.k8s.api.networking.v1.IngressTLS	object
hosts	1	[]string	l=atomic
secretName	2	string
=io.k8s.api.networking.v1.NetworkPolicy	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.NetworkPolicySpec	+
=io.k8s.api.networking.v1.NetworkPolicyEgressRule	object
ports	1	[]#.NetworkPolicyPort	l=atomic
to	2	[]#.NetworkPolicyPeer	l=atomic
=io.k8s.api.networking.v1.NetworkPolicyIngressRule	object
ports	1	[]#.NetworkPolicyPort	l=atomic
from	2	[]#.NetworkPolicyPeer	l=atomic
=io.k8s.api.networking.v1.NetworkPolicyList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.NetworkPolicy	!	+
=io.k8s.api.networking.v1.NetworkPolicyPeer	object
podSelector	1	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
namespaceSelector	2	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	*
ipBlock	3	#.IPBlock	*
=io.k8s.api.networking.v1.NetworkPolicyPort	object
protocol	1	string	*	e=SCTP|TCP|UDP
port	2	#io.k8s.apimachinery.pkg.util.intstr.IntOrString	*
endPort	3	int32	*
=io.k8s.api.networking.v1.NetworkPolicySpec	object
podSelector	1	#io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector	+
ingress	2	[]#.NetworkPolicyIngressRule	l=atomic
egress	3	[]#.NetworkPolicyEgressRule	l=atomic
policyTypes	4	[]string	e=Egress|Ingress	l=atomic
=io.k8s.api.networking.v1.ParentReference	object
group	1	string
resource	2	string	!
namespace	3	string
name	4	string	!
=io.k8s.api.networking.v1.ServiceBackendPort	object
name	1	string
number	2	int32
=io.k8s.api.networking.v1.ServiceCIDR	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.ServiceCIDRSpec	+
status	3	#.ServiceCIDRStatus	+
=io.k8s.api.networking.v1.ServiceCIDRList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.ServiceCIDR	!	+
=io.k8s.api.networking.v1.ServiceCIDRSpec	object
cidrs	1	[]string	l=atomic
=io.k8s.api.networking.v1.ServiceCIDRStatus	object
conditions	1	[]#io.k8s.apimachinery.pkg.apis.meta.v1.Condition	l=map	k=type	p=merge	q=type
"""#
}
