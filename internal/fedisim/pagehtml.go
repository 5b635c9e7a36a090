package fedisim

// pageHTML holds the pages for people: plain, readable on a phone and in the
// dark, usable by keyboard.
const pageHTML = `
{{define "head"}}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.}}</title><style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1.5rem 1rem;background:Canvas;color:CanvasText}
h1{font-size:1.4rem;line-height:1.3}h2{font-size:1.1rem}
.sim{font-size:.85rem;border:1px dashed;border-radius:.4rem;padding:.3rem .6rem}
button{font:inherit;padding:.6rem 1rem;border-radius:.5rem;border:1px solid #4646c8;background:#4646c8;color:#fff;cursor:pointer;width:100%;text-align:left}
button.no{background:transparent;color:inherit;border-color:currentColor}
button:focus-visible,a:focus-visible,input:focus-visible{outline:3px solid #e08a00;outline-offset:2px}
form{margin:.6rem 0}label{display:block;margin:.5rem 0}input{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}
article{border:1px solid #8886;border-radius:.5rem;padding:.7rem 1rem;margin:.8rem 0;overflow-wrap:anywhere}
article p{margin:.3rem 0}.meta{font-size:.85rem;opacity:.85}img,video{max-width:100%;border-radius:.4rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem}dd{margin:0;overflow-wrap:anywhere}
</style></head><body><p class="sim">A simulated server. Nothing here is real.</p><main>{{end}}
{{define "foot"}}</main></body></html>{{end}}
{{define "text"}}{{range lines .}}{{.}}<br>{{end}}{{end}}

{{define "authorize"}}{{template "head" (print "Allow " .App "? · " .Host)}}
<h1>{{.App}} would like to use your account on {{.Host}}</h1>
{{with .Problem}}<p role="alert"><strong>{{.}}</strong></p>{{end}}
<p>It asks to:</p><ul>{{range .Scopes}}<li><code>{{.}}</code></li>{{end}}</ul>
{{$top := .}}
{{range .Accounts}}<form method="post" action="{{$top.Action}}">{{template "hidden" $top.Hidden}}
<input type="hidden" name="{{$top.User}}" value="{{.User}}"><button name="decision" value="allow">Allow as {{.DisplayName}} (@{{.User}})</button></form>{{end}}
{{if .Form}}<form method="post" action="{{.Action}}">{{template "hidden" .Hidden}}
<label>User name or e-mail address<input name="{{.User}}" autocomplete="username" required></label>
<label>Password<input name="{{.Password}}" type="password" autocomplete="current-password" required></label>
<button name="decision" value="allow">Sign in and allow</button></form>{{end}}
<form method="post" action="/oauth/authorize">{{template "hidden" .Hidden}}<button class="no" name="decision" value="deny">Deny</button></form>
{{template "foot"}}{{end}}
{{define "hidden"}}{{range $name, $value := .}}{{if $value}}<input type="hidden" name="{{$name}}" value="{{$value}}">{{end}}{{end}}{{end}}

{{define "code"}}{{template "head" "Code"}}<h1>Copy this code into the app</h1><p><code>{{.}}</code></p>{{template "foot"}}{{end}}
{{define "problem"}}{{template "head" "Problem"}}<h1>That did not work</h1><p role="alert">{{.}}</p>{{template "foot"}}{{end}}

{{define "front"}}{{template "head" .Title}}<h1>{{.Title}}</h1><p>{{.Description}}</p><p class="meta">{{.Host}} · {{.Software}}</p>
{{with .Rules}}<h2>Rules</h2><ol>{{range .}}<li>{{.}}</li>{{end}}</ol>{{end}}
{{with .People}}<h2>People</h2><ul>{{range .}}<li><a href="/@{{.User}}">{{.Name}}</a> @{{.Address}}</li>{{end}}</ul>{{end}}{{template "foot"}}{{end}}

{{define "profile"}}{{template "head" (print .Name " (@" .Address ")")}}<h1>{{.Name}}</h1><p class="meta">@{{.Address}}{{if .Bot}} · bot{{end}}</p>
{{with .Moved}}<p><strong>Moved to @{{.}}</strong></p>{{end}}
<p>{{template "text" .Note}}</p>{{with .Fields}}<dl>{{range .}}<dt>{{.Name}}</dt><dd>{{.Value}}{{if not .VerifiedAt.IsZero}} (verified){{end}}</dd>{{end}}</dl>{{end}}
<p class="meta">{{.Followers}} followers · {{.Following}} following · {{.Posts}} posts</p>
<h2>Posts</h2>{{range .List}}{{template "post" (dict . false)}}{{else}}<p>Nothing yet.</p>{{end}}{{template "foot"}}{{end}}

{{define "status"}}{{template "head" (print .Name " (@" .Address ")")}}<h1><a href="/@{{.Post.User}}">{{.Name}}</a></h1><p class="meta">@{{.Address}}</p>
{{template "post" (dict .Post true)}}{{template "foot"}}{{end}}

{{define "post"}}<article>{{with .P}}{{with .Parent}}<p class="meta">In a thread: <a href="/@{{$.P.User}}/{{.}}">the post before</a></p>{{end}}
{{with .Spoiler}}<p><strong>{{.}}</strong></p>{{end}}<p>{{template "text" .Text}}</p>
{{range .Media}}{{if image .}}<img src="/media/{{.ID}}" alt="{{.Alt}}">{{else}}<video src="/media/{{.ID}}" controls></video>{{end}}{{end}}
<p class="meta"><a href="/@{{.User}}/{{.ID}}"><time datetime="{{iso .At}}">{{date .At}}</time></a> · {{.Visibility}}</p>{{end}}</article>{{end}}
`
