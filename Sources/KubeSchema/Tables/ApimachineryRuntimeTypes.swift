// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.apimachinery.pkg.runtime.
enum ApimachineryRuntimeTypes {
    static let text: StaticString = #"""
=io.k8s.apimachinery.pkg.runtime.RawExtension	raw
=io.k8s.apimachinery.pkg.runtime.TypeMeta	object
apiVersion	1	string
kind	2	string
=io.k8s.apimachinery.pkg.runtime.Unknown	raw
"""#
}
