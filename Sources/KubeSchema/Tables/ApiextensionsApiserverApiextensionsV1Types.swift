// swift-format-ignore-file
// Made by scripts/generate-schema; do not edit.

/// The types of io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.
enum ApiextensionsApiserverApiextensionsV1Types {
    static let text: StaticString = #"""
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ConversionRequest	object
uid	1	string	!	+
desiredAPIVersion	2	string	!	+
objects	3	[]#io.k8s.apimachinery.pkg.runtime.RawExtension	!	+	l=atomic
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ConversionResponse	object
uid	1	string	!	+
convertedObjects	2	[]#io.k8s.apimachinery.pkg.runtime.RawExtension	!	+	l=atomic
result	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Status	!	+
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ConversionReview	object
kind		string
apiVersion		string
request	1	#.ConversionRequest	*
response	2	#.ConversionResponse	*
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition	object
name	1	string	!	+	d=""
type	2	string	!	+	d=""
format	3	string
description	4	string
priority	5	int32
jsonPath	6	string	!	+	d=""
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion	object
strategy	1	string	!	+	d=""
webhook	2	#.WebhookConversion	*
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta	+
spec	2	#.CustomResourceDefinitionSpec	!	+
status	3	#.CustomResourceDefinitionStatus	+
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition	object
type	1	string	!	+	d=""
status	2	string	!	+	d=""
lastTransitionTime	3	#io.k8s.apimachinery.pkg.apis.meta.v1.Time	+
reason	4	string
message	5	string
observedGeneration	6	int64
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionList	object
kind		string
apiVersion		string
metadata	1	#io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta	+
items	2	[]#.CustomResourceDefinition	!	+
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames	object
plural	1	string	!	+	d=""
singular	2	string
shortNames	3	[]string	l=atomic
kind	4	string	!	+	d=""
listKind	5	string
categories	6	[]string	l=atomic
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec	object
group	1	string	!	+	d=""
names	3	#.CustomResourceDefinitionNames	!	+
scope	4	string	!	+	d=""
versions	7	[]#.CustomResourceDefinitionVersion	!	+	l=atomic
conversion	9	#.CustomResourceConversion	*
preserveUnknownFields	10	boolean
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus	object
conditions	1	[]#.CustomResourceDefinitionCondition	+	l=map	k=type
acceptedNames	2	#.CustomResourceDefinitionNames	+
storedVersions	3	[]string	+	l=atomic
observedGeneration	4	int64
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion	object
name	1	string	!	+	d=""
served	2	boolean	!	+	d=false
storage	3	boolean	!	+	d=false
deprecated	7	boolean
deprecationWarning	8	string	*
schema	4	#.CustomResourceValidation	*
subresources	5	#.CustomResourceSubresources	*
additionalPrinterColumns	6	[]#.CustomResourceColumnDefinition	l=atomic
selectableFields	9	[]#.SelectableField	l=atomic
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale	object
specReplicasPath	1	string	!	+	d=""
statusReplicasPath	2	string	!	+	d=""
labelSelectorPath	3	string	*
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus	object
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources	object
status	1	#.CustomResourceSubresourceStatus	*
scale	2	#.CustomResourceSubresourceScale	*
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation	object
openAPIV3Schema	1	#.JSONSchemaProps	*
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation	object
description	1	string
url	2	string
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON	json
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps	object
id	1	string
$schema	2	string
$ref	3	string	*
description	4	string
type	5	string
format	6	string
title	7	string
default	8	#.JSON	*
maximum	9	number	*
exclusiveMaximum	10	boolean
minimum	11	number	*
exclusiveMinimum	12	boolean
maxLength	13	int64	*
minLength	14	int64	*
pattern	15	string
maxItems	16	int64	*
minItems	17	int64	*
uniqueItems	18	boolean
multipleOf	19	number	*
enum	20	[]#.JSON	l=atomic
maxProperties	21	int64	*
minProperties	22	int64	*
required	23	[]string	l=atomic
items	24	#.JSONSchemaPropsOrArray	*
allOf	25	[]#.JSONSchemaProps	l=atomic
oneOf	26	[]#.JSONSchemaProps	l=atomic
anyOf	27	[]#.JSONSchemaProps	l=atomic
not	28	#.JSONSchemaProps	*
properties	29	{}#.JSONSchemaProps
additionalProperties	30	#.JSONSchemaPropsOrBool	*
patternProperties	31	{}#.JSONSchemaProps
dependencies	32	{}#.JSONSchemaPropsOrStringArray
additionalItems	33	#.JSONSchemaPropsOrBool	*
definitions	34	{}#.JSONSchemaProps
externalDocs	35	#.ExternalDocumentation	*
example	36	#.JSON	*
nullable	37	boolean
x-kubernetes-preserve-unknown-fields	38	boolean	*
x-kubernetes-embedded-resource	39	boolean
x-kubernetes-int-or-string	40	boolean
x-kubernetes-list-map-keys	41	[]string	l=atomic
x-kubernetes-list-type	42	string	*
x-kubernetes-map-type	43	string	*
x-kubernetes-validations	44	[]#.ValidationRule	l=map	k=rule	p=merge	q=rule
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray	schemaOrArray
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool	schemaOrBool
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray	schemaOrStringArray
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.SelectableField	object
jsonPath	1	string	!	+	d=""
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference	object
namespace	1	string	!	+	d=""
name	2	string	!	+	d=""
path	3	string	*
port	4	int32	*
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule	object
rule	1	string	!	+	d=""
message	2	string
messageExpression	3	string
reason	4	string	*	e=FieldValueDuplicate|FieldValueForbidden|FieldValueInvalid|FieldValueRequired
fieldPath	5	string
optionalOldSelf	6	boolean	*
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig	object
url	3	string	*
service	1	#.ServiceReference	*
caBundle	2	bytes
=io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion	object
clientConfig	2	#.WebhookClientConfig	*
conversionReviewVersions	3	[]string	!	+	l=atomic
"""#
}
