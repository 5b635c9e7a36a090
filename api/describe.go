package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// describePlain adds what huma does not serve to the description: uploads by
// the tus protocol 1.0 (https://tus.io/protocols/resumable-upload) and the way
// back from a server.
func describePlain(o *huma.OpenAPI) {
	upload := []*huma.Param{{Name: "upload", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	at := prefix + "/uploads/{upload}"
	for _, op := range []*huma.Operation{
		{
			Method: http.MethodPost, Path: prefix + "/uploads/", OperationID: "createUpload",
			Summary:     "Begin an upload (tus 1.0)",
			Description: "Upload-Metadata: move, filename, kind (archive or media). A finished archive is read at once.",
			Responses:   answer("201", "Location says where to send it"),
		},
		{Method: http.MethodHead, Path: at, OperationID: "headUpload", Summary: "How far an upload is (tus 1.0)", Parameters: upload, Responses: answer("200", "Upload-Offset says how far it is")},
		{Method: http.MethodPatch, Path: at, OperationID: "patchUpload", Summary: "Send the next piece (tus 1.0)", Parameters: upload, Responses: answer("204", "Upload-Offset says how far it is")},
		{Method: http.MethodDelete, Path: at, OperationID: "deleteUpload", Summary: "Give up an upload (tus 1.0)", Parameters: upload, Responses: answer("204", "It is deleted")},
	} {
		op.Tags = []string{"uploads"}
		o.AddOperation(op)
	}
	o.AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: registryPath, OperationID: "registry", Tags: []string{"registry"},
		Parameters: []*huma.Param{{Name: "since", In: "query", Description: "as_of of an earlier answer: only what changed since", Schema: &huma.Schema{Type: "string"}}},
		Summary:    "Everybody who agreed that anyone may look them up, as one file: docs/registry.md", Responses: answer("200", "The registry, or what changed in it"),
	})
	o.AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: XCallbackPath, OperationID: "xCallback", Tags: []string{"moves"},
		Summary: "Where X sends the browser back to", Responses: answer("303", "Back to the page, with ?x=1 or ?error=code"),
	})
	o.AddOperation(&huma.Operation{
		Method: http.MethodGet, Path: CallbackPath + "/{host}", OperationID: "oauthCallback", Tags: []string{"accounts"},
		Parameters: []*huma.Param{{Name: "host", In: "path", Required: true, Description: "The server that sends the browser back", Schema: &huma.Schema{Type: "string"}}},
		Summary:    "Where the Owner's server sends the browser back to", Responses: answer("303", "Back to the page, with ?connected=1 or ?error=code"),
	})
}

func answer(status, description string) map[string]*huma.Response {
	return map[string]*huma.Response{status: {Description: description}}
}
