// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.apimachinery.pkg.version.
enum ApimachineryVersionTypes {
    static let text: StaticString = #"""
=io.k8s.apimachinery.pkg.version.Info	object
major		string	!	+	d=""
minor		string	!	+	d=""
emulationMajor		string
emulationMinor		string
minCompatibilityMajor		string
minCompatibilityMinor		string
gitVersion		string	!	+	d=""
gitCommit		string	!	+	d=""
gitTreeState		string	!	+	d=""
buildDate		string	!	+	d=""
goVersion		string	!	+	d=""
compiler		string	!	+	d=""
platform		string	!	+	d=""
"""#
}
