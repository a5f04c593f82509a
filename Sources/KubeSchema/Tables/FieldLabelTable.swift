// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The field selectors of each kind beside metadata.name and metadata.namespace.
enum FieldLabelTable {
    static let text: StaticString = #"""
	v1	Event	metadata.name	metadata.name	1
	v1	Event	metadata.namespace	metadata.namespace	1
	v1	Event	involvedObject.kind	involvedObject.kind	1
	v1	Event	involvedObject.namespace	involvedObject.namespace	1
	v1	Event	involvedObject.name	involvedObject.name	1
	v1	Event	involvedObject.uid	involvedObject.uid	1
	v1	Event	involvedObject.apiVersion	involvedObject.apiVersion	1
	v1	Event	involvedObject.resourceVersion	involvedObject.resourceVersion	1
	v1	Event	involvedObject.fieldPath	involvedObject.fieldPath	1
	v1	Event	reason	reason	1
	v1	Event	reportingComponent	reportingComponent	1
	v1	Event	source	source	1
	v1	Event	type	type	1
	v1	Namespace	metadata.name	metadata.name	1
	v1	Namespace	status.phase	status.phase	1
	v1	Node	metadata.name	metadata.name	1
	v1	Node	spec.unschedulable	spec.unschedulable	1
	v1	Pod	metadata.name	metadata.name	1
	v1	Pod	metadata.namespace	metadata.namespace	1
	v1	Pod	spec.nodeName	spec.nodeName	1
	v1	Pod	spec.restartPolicy	spec.restartPolicy	1
	v1	Pod	spec.schedulerName	spec.schedulerName	1
	v1	Pod	spec.serviceAccountName	spec.serviceAccountName	1
	v1	Pod	spec.hostNetwork	spec.hostNetwork	1
	v1	Pod	status.phase	status.phase	1
	v1	Pod	status.podIP	status.podIP	1
	v1	Pod	status.podIPs	status.podIPs	0
	v1	Pod	status.nominatedNodeName	status.nominatedNodeName	1
	v1	Pod	spec.host	spec.nodeName	1
	v1	ReplicationController	metadata.name	metadata.name	1
	v1	ReplicationController	metadata.namespace	metadata.namespace	1
	v1	ReplicationController	status.replicas	status.replicas	1
	v1	Secret	metadata.name	metadata.name	1
	v1	Secret	metadata.namespace	metadata.namespace	1
	v1	Secret	type	type	1
	v1	Service	metadata.name	metadata.name	1
	v1	Service	metadata.namespace	metadata.namespace	1
	v1	Service	spec.clusterIP	spec.clusterIP	1
	v1	Service	spec.type	spec.type	1
events.k8s.io	v1	Event	metadata.name	metadata.name	1
events.k8s.io	v1	Event	metadata.namespace	metadata.namespace	1
events.k8s.io	v1	Event	reason	reason	1
events.k8s.io	v1	Event	type	type	1
events.k8s.io	v1	Event	regarding.kind	involvedObject.kind	1
events.k8s.io	v1	Event	regarding.namespace	involvedObject.namespace	1
events.k8s.io	v1	Event	regarding.name	involvedObject.name	1
events.k8s.io	v1	Event	regarding.uid	involvedObject.uid	1
events.k8s.io	v1	Event	regarding.apiVersion	involvedObject.apiVersion	1
events.k8s.io	v1	Event	regarding.resourceVersion	involvedObject.resourceVersion	1
events.k8s.io	v1	Event	regarding.fieldPath	involvedObject.fieldPath	1
events.k8s.io	v1	Event	reportingController	reportingComponent	1
batch	v1	Job	metadata.name	metadata.name	1
batch	v1	Job	metadata.namespace	metadata.namespace	1
batch	v1	Job	status.successful	status.successful	1
certificates.k8s.io	v1	CertificateSigningRequest	metadata.name	metadata.name	1
certificates.k8s.io	v1	CertificateSigningRequest	spec.signerName	spec.signerName	1
resource.k8s.io	v1	ResourceSlice	metadata.name	metadata.name	1
resource.k8s.io	v1	ResourceSlice	spec.nodeName	spec.nodeName	1
resource.k8s.io	v1	ResourceSlice	spec.driver	spec.driver	1
"""#
}
