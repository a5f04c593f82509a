// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.api.certificates.v1.
enum CertificatesV1Types {
    static let text: StaticString = #"""
=io.k8s.api.certificates.v1.CertificateSigningRequest	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.CertificateSigningRequestSpec	!	+
status	3	#.CertificateSigningRequestStatus	+
=io.k8s.api.certificates.v1.CertificateSigningRequestCondition	object
type	1	string	!	+	d=""
status	6	string	!	+	d=""
reason	2	string
message	3	string
lastUpdateTime	4	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
lastTransitionTime	5	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
=io.k8s.api.certificates.v1.CertificateSigningRequestList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.CertificateSigningRequest	!	+
=io.k8s.api.certificates.v1.CertificateSigningRequestSpec	object
request	1	bytes	!	+
signerName	7	string	!	+	d=""
expirationSeconds	8	int32	*
usages	5	[]string	e=any|cert sign|client auth|code signing|content commitment|crl sign|data encipherment|decipher only|digital signature|email protection|encipher only|ipsec end system|ipsec tunnel|ipsec user|key agreement|key encipherment|microsoft sgc|netscape sgc|ocsp signing|s/mime|server auth|signing|timestamping	l=atomic
username	2	string
uid	3	string
groups	4	[]string	l=atomic
extra	6	{}#.ExtraValue
=io.k8s.api.certificates.v1.CertificateSigningRequestStatus	object
conditions	1	[]#.CertificateSigningRequestCondition	l=map	k=type	c=item(type: Approved)=zeroOrOneOfMember;item(type: Denied)=zeroOrOneOfMember
certificate	2	bytes
=io.k8s.api.certificates.v1.ExtraValue	list
"""#
}
