#!/bin/bash
# twopop serve as people start it, plain and through TLS, with the command line at work on the same film: serve_command_test.sh TWOPOP
set -u
twopop=$1
command -v openssl >/dev/null || { echo "openssl is missing"; exit 77; }
folder=$(mktemp -d) server=''
end() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  rm -rf "$folder"
}
trap end EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
cd "$folder" || exit 2
export XDG_STATE_HOME=$folder/state
export TWOPOP_AUTHOR=Ann
mkdir empty web
echo '<!doctype html><title>Studio</title>' >web/index.html
"$twopop" new night.twopop >/dev/null || fail "new"
"$twopop" edit night.twopop --set /name=Night >/dev/null || fail "edit"

# started OPTIONS...: serves the film and sets port.
started() {
  "$twopop" serve night.twopop --port 0 --web web --json "$@" >said.json 2>errors.txt &
  server=$!
  for _ in $(seq 200); do
    port=$(sed -n 's/.*"port": \([0-9]*\).*/\1/p' said.json)
    [ -n "$port" ] && return
    kill -0 "$server" 2>/dev/null || fail "serve $*: $(cat errors.txt)"
    sleep 0.1
  done
  fail "serve $*: does not listen"
}
ended() {
  kill -TERM "$server"
  wait "$server" || fail "a TERM signal ends it as failed: $(cat errors.txt)"
  server=''
}
request() { printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n%b\r\n' "$1" "$2" "$port" "${3:-}"; }
plain() { exec 3<>"/dev/tcp/127.0.0.1/$port" && request "$@" >&3 && cat <&3; exec 3>&-; }
tls() { request "$@" | openssl s_client -quiet -connect "127.0.0.1:$port" -CAfile cert.pem -verify_return_error 2>/dev/null; }

started
plain GET / | grep -q '<title>Studio' || fail "the studio's page"
plain GET /api/films | grep -q '"name":"Night"' || fail "the list of films"
"$twopop" edit night.twopop --set /name=Morning >/dev/null || fail "edit while it is served"
for _ in $(seq 100); do
  plain GET /api/films | grep -q '"name":"Morning"' && seen=yes && break
  sleep 0.1
done
[ "${seen:-}" = yes ] || fail "an edit of the command line is not seen"
plain GET /api/films 'Origin: http://evil.example\r\n' | grep -q '^HTTP/1.1 403' || fail "another site gets an answer"
plain GET '/../../../../etc/passwd' | grep -q '^HTTP/1.1 400' || fail "a path that climbs"
ended
"$twopop" history night.twopop | grep -q Ann || fail "the history"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=studio -addext subjectAltName=IP:127.0.0.1 2>/dev/null || fail "openssl req"
started --tls-cert cert.pem --tls-key key.pem
grep -q '"url": "https://' said.json || fail "the address is not https"
tls GET / | grep -q '<title>Studio' || fail "the page through TLS"
tls GET /api/films | grep -q '"name":"Morning"' || fail "the API through TLS"
plain GET /api/films | grep -q 'Morning' && fail "TLS is spoken, yet plain text is answered"
tls GET /api/films | grep -q '"name":"Morning"' || fail "the API through TLS, after somebody spoke no TLS"
ended

"$twopop" serve night.twopop --port 0 --tls-cert cert.pem >/dev/null 2>&1 && fail "a certificate without a key"
"$twopop" serve night.twopop --port 0 --tls-cert key.pem --tls-key cert.pem 2>/dev/null && fail "files that are not what they should be"
"$twopop" serve nothing.twopop --port 0 2>/dev/null && fail "a film that is not there"
"$twopop" serve night.twopop --port 0 --address 0.0.0.0 >/dev/null 2>&1 && fail "all the world without TLS"

# With a login: the first owner is made at the command line, and a certificate that is self-made stays the same.
"$twopop" serve night.twopop --port 0 --login >/dev/null 2>&1 && fail "a login that nobody has"
echo short | "$twopop" serve --add-user Olga >/dev/null 2>&1 && fail "a password of five letters"
echo "a few words for Olga" | "$twopop" serve --add-user Olga >/dev/null || fail "the first owner"
echo "a few words for Olga" | "$twopop" serve --add-user olga --role mix >/dev/null 2>&1 && fail "a name that is taken"
started --login --tls
print() { grep -o '"fingerprint": *"[^"]*"' said.json; }
first=$(print)
[ ${#first} -gt 90 ] || fail "no fingerprint: $(cat said.json)"
guest() { { request "$1" "$2" "${3:-}"; printf '%s' "${4:-}"; } | openssl s_client -quiet -connect "127.0.0.1:$port" 2>/dev/null | head -1; }
guest GET /api/films | grep -qE ' 40[13] ' || fail "films without a login"
login='{"name": "Olga", "password": "a few words for Olga"}'
guest POST /api/login "Origin: https://127.0.0.1:$port\r\nContent-Length: ${#login}\r\n" "$login" | grep -q ' 200 ' || fail "the owner's login"
guest POST /api/login "Origin: https://elsewhere.example\r\nContent-Length: ${#login}\r\n" "$login" | grep -q ' 403 ' || fail "a login from another site"
ended
started --login --tls
[ "$(print)" = "$first" ] || fail "another certificate at each start"
ended
echo "serve does what it says"
