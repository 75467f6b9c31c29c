#!/usr/bin/env bash
# From a bare Debian (12 or newer) to a study on the web with TLS. Run it as root in a clone of coplay; again after every update.
#
#   deploy/install.sh --name study.example.org --email you@example.org --study /srv/my-study
#
#   --name NAME      the site's public name; its DNS entry must point here already
#   --email ADDRESS  for the certificate's authority (Let's Encrypt), who tells of trouble with it
#   --study FOLDER   a study to serve, again for each; without one the demo. Copied to /opt/coplay-studies
#   --ports "8001"   one process for each port; more than one needs PostgreSQL and Redis in /etc/coplay.env
#   --self-signed    a certificate of our own instead, for trying things out
#   --env FOLDER     a ready Python environment with coplay's packages, instead of making one
#   --prefix FOLDER  write everything below this folder, and only say what would be done to the system
#
# It installs nginx, a system user, /opt/coplay, /etc/coplay.env (kept when there is one), the systemd units, a nightly backup.
set -euo pipefail

name="" email="" ports=8001 signed="" env="" prefix="" studies=()
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

fail() { echo "install.sh: $1" >&2; exit 2; }
say() { echo "install.sh: $*" >&2; }
# Something done to the system itself, not to files.
system() { if [ -n "$prefix" ]; then say "would run: $*"; else "$@"; fi; }

while [ $# -gt 0 ]; do
  case "$1" in
    --self-signed) signed=1; shift; continue ;;
    -h|--help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    --name|--email|--study|--ports|--env|--prefix) [ $# -ge 2 ] || fail "$1 needs a value" ;;
    *) fail "unknown option $1 (see --help)" ;;
  esac
  case "$1" in
    --name) name="$2" ;;
    --email) email="$2" ;;
    --study) [ -f "$2/study.toml" ] || fail "$2 holds no study.toml"; studies+=("$(cd "$2" && pwd)") ;;
    --ports) ports="$2" ;;
    --env) env="$(cd "$2" && pwd)" ;;
    --prefix) mkdir -p "$2"; prefix="$(cd "$2" && pwd)" ;;
  esac
  shift 2
done

[[ "$name" =~ ^[A-Za-z0-9.-]+$ ]] || fail "--name must be the site's name, e.g. study.example.org"
[[ "$ports" =~ ^[0-9]+( [0-9]+)*$ ]] || fail "--ports must be numbers, e.g. \"8001 8002\""
[ -n "$signed" ] || [ -n "$email" ] || fail "--email is needed for a certificate (or use --self-signed)"
[ -n "$prefix" ] || [ "$(id -u)" = 0 ] || fail "run me as root (or with --prefix)"

say "packages"
system apt-get update -q
system apt-get install -qy nginx python3 python3-venv openssl curl $([ -n "$signed" ] || echo certbot)

say "user and folders"
if [ -n "$prefix" ] || ! id coplay >/dev/null 2>&1; then
  system useradd --system --home-dir /var/lib/coplay --shell /usr/sbin/nologin coplay
fi
mkdir -p "$prefix"/{opt/coplay,opt/coplay-studies,etc/coplay/tls,etc/systemd/system,etc/nginx/sites-available,etc/nginx/sites-enabled}
mkdir -p "$prefix"/{var/lib/coplay,var/backups/coplay,var/log/nginx}
chmod 700 "$prefix"/var/{lib,backups}/coplay
system chown coplay:coplay /var/lib/coplay /var/backups/coplay

say "program"
for part in "$here"/*; do
  case "$(basename "$part")" in
    tests|static|coplay-data|DATA|dist) ;;
    *) cp -R "$part" "$prefix/opt/coplay/" ;;
  esac
done
mkdir -p "$prefix/opt/coplay/static"
for part in "$here"/static/*; do [ "$(basename "$part")" = node_modules ] || cp -R "$part" "$prefix/opt/coplay/static/"; done
if [ -n "$env" ]; then
  ln -sfn "$env" "$prefix/opt/coplay/.venv"
  mkdir -p "$prefix/opt/coplay/static/node_modules"
  cp -R "$here/static/node_modules/lit-html" "$prefix/opt/coplay/static/node_modules/"
else
  (cd "$prefix/opt/coplay" && python3 tools/bootstrap.py play -- coplay --version)
fi

say "studies"
served=""
for study in "${studies[@]+"${studies[@]}"}"; do
  cp -R "$study" "$prefix/opt/coplay-studies/"
  served="${served:+$served:}/opt/coplay-studies/$(basename "$study")"
done

say "settings"
settings="$prefix/etc/coplay.env"
if [ ! -e "$settings" ]; then
  umask 027
  printf '%s\n' "# See docs/reference/settings.md" "COPLAY_ORIGIN=https://$name" "COPLAY_STUDIES=$served" > "$settings"
  system chown root:coplay /etc/coplay.env
else
  say "kept $settings as it is"
fi
umask 022
if [ "${ports#* }" != "$ports" ]; then
  for needed in COPLAY_STORE COPLAY_REDIS; do
    grep -q "^$needed=." "$settings" || fail "several processes need $needed in $settings"
  done
fi

say "certificate"
tls="$prefix/etc/coplay/tls"
if [ -n "$signed" ]; then
  [ -e "$tls/privkey.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
    -subj "/CN=$name" -addext "subjectAltName=DNS:$name" -keyout "$tls/privkey.pem" -out "$tls/fullchain.pem" 2>/dev/null
else
  system certbot certonly --standalone --non-interactive --agree-tos --keep-until-expiring -m "$email" -d "$name" \
    --pre-hook "systemctl stop nginx" --post-hook "systemctl start nginx"
  for part in fullchain privkey; do ln -sfn "/etc/letsencrypt/live/$name/$part.pem" "$tls/$part.pem"; done
fi

say "web server"
servers=""
fails=$([ "${ports#* }" = "$ports" ] && echo "max_fails=0" || echo "max_fails=1 fail_timeout=2s")
for port in $ports; do servers="$servers  server 127.0.0.1:$port $fails;\\n"; done
sed -e "s/study\.example\.org/$name/g" -e "s/^  server 127\.0\.0\.1:8001 .*/${servers%\\n}/" "$here/deploy/nginx.conf" \
  > "$prefix/etc/nginx/sites-available/coplay.conf"
ln -sfn ../sites-available/coplay.conf "$prefix/etc/nginx/sites-enabled/coplay.conf"
rm -f "$prefix/etc/nginx/sites-enabled/default"   # it would log the addresses of strangers
system nginx -t -q

say "services"
install -m 644 "$here"/deploy/systemd/* "$prefix/etc/systemd/system/"
system systemctl daemon-reload
for port in $ports; do system systemctl enable "coplay@$port"; system systemctl restart "coplay@$port"; done
system systemctl enable --now coplay-backup.timer
system systemctl reload-or-restart nginx

if [ -z "$prefix" ]; then
  for port in $ports; do
    for _ in $(seq 60); do curl -fs "http://127.0.0.1:$port/healthz" >/dev/null && break; sleep 0.5; done
    curl -fsS "http://127.0.0.1:$port/healthz" >/dev/null || fail "nothing answers on port $port: journalctl -u coplay@$port"
  done
  (set -a; . /etc/coplay.env; set +a; COPLAY_DATA=/var/lib/coplay /opt/coplay/.venv/bin/coplay doctor) || true
fi
say "https://$name is served. Keep /var/lib/coplay/secret and /var/backups/coplay off this machine as well."
