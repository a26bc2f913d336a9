#!/usr/bin/env bash
# Starts a private mail server for tests, or stops it: Exim takes mail, Dovecot lets it be read. Both listen on free loopback ports and
# live in one folder. Nothing leaves the machine: Exim knows no way to send on, so that mail for anybody at all ends in a mailbox here.
#   eval "$(tests/support/mail.sh start DIR)"      DIR must not exist yet or hold a running one; prints the variables
#   tests/support/mail.sh pause-smtp DIR           SMTP goes away, its open connections too; IMAP stays
#   tests/support/mail.sh resume-smtp DIR          SMTP comes back on the same ports
#   tests/support/mail.sh check DIR                tries all that is promised here (needs python3)
#   tests/support/mail.sh stop DIR                 stops both servers and removes DIR
#
# Mail for NAME@desk.example and NAME+TOKEN@desk.example goes to the mailbox NAME, all other mail to the mailbox `world`. The password of
# NAME is NAME-secret, for SMTP as for IMAP, and every NAME will do: tests that run side by side need not share `desk`. SMTP refuses whoever
# did not log in (530), every recipient at refused.example (550) and mail above 36 MB (552).
set -euo pipefail

usage="usage: $0 start|stop|pause-smtp|resume-smtp|check DIR"
if [ $# -ne 2 ]; then echo "$usage" >&2; exit 2; fi

PATH=$PATH:/usr/sbin:/sbin
dir=$(realpath -ms -- "$2")
# What Exim takes at most, in bytes.
limit=36000000

# Neither server needs root here, and Dovecot would refuse to read mail as root: both run as the user whom Exim's package brings, or go
# on as whoever started them.
owner=$(id -un)
if [ "$owner" = root ]; then owner=Debian-exim; fi
if [ -e "$dir/ports" ]; then owner=$(stat -c %U "$dir"); fi
as_owner() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid "$owner" --regid "$(id -g "$owner")" --clear-groups -- "$@"; else "$@"; fi
}

fail() {
    echo "mail.sh: $1" >&2
    local log logs=()
    if [ -e "$dir/.mail.sh" ]; then logs=("$dir"/log/*); fi
    for log in "${logs[@]}"; do
        if [ -s "$log" ]; then echo "--- the end of $log:" >&2; tail -n 20 "$log" >&2; fi
    done
    exit 1
}

certificates() {
    local config=$'[req]\ndistinguished_name=name\n[name]'
    local new=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30)
    {
        openssl req -x509 -config <(echo "$config") "${new[@]}" -subj '/CN=Backchannel tests' \
            -keyout "$dir/ca.key" -out "$dir/ca.pem" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
        openssl req -x509 -config <(echo "$config") "${new[@]}" -subj /CN=localhost \
            -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -keyout "$dir/server.key" -out "$dir/server.pem" \
            -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
            -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth
    } >"$dir/log/openssl" 2>&1 || fail "openssl made no certificates"
}

exim_settings() {
    cat <<END
# It is never root here, and has no need to become anybody.
deliver_drop_privilege
exim_user = $owner
exim_group = $(id -gn "$owner")
admin_groups = $(id -gn "$owner")
keep_environment =

primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = $smtp : $smtps
tls_on_connect_ports = $smtps
# A port that is taken is an error at once: the caller tries another.
daemon_startup_retries = 0
spool_directory = $dir/spool
log_file_path = $dir/log/exim-%s
pid_file_path = $dir/exim.pid
notifier_socket =

tls_advertise_hosts = *
tls_certificate = $dir/server.pem
tls_privatekey = $dir/server.key
# No password in the clear.
auth_advertise_hosts = \${if def:tls_in_cipher {*}}

message_size_limit = $limit
# Many tests at once, each with its mail delivered at once.
smtp_accept_max = 500
smtp_accept_queue_per_connection = 0
# All that would ask the name service.
dkim_verify_signers =
helo_lookup_domains =

acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt

begin acl
acl_mail:
  deny !authenticated = *
       message = 530 5.7.0 Authentication required
  accept
acl_rcpt:
  deny domains = refused.example
       message = 550 5.1.1 No such user here
  # Of the local part a folder is named.
  deny local_parts = ^[.] : ^.*/
       message = 550 5.1.3 Restricted characters in address
  accept

begin routers
everybody:
  driver = accept
  transport = dovecot

begin transports
dovecot:
  driver = lmtp
  socket = $dir/run/lmtp
  user = $owner
  envelope_to_add

begin retry
* * F,1h,5s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = \${if eq {\$auth3} {\${sg {\$auth2} {@.*} {}}-secret}}
  server_set_id = \$auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if eq {\$auth2} {\${sg {\$auth1} {@.*} {}}-secret}}
  server_set_id = \$auth1
END
}

# Dovecot 2.4 renamed much of what 2.3 knew: Debian 12 has the one, Debian 13 the other.
dovecot_settings() {
    local certificate key mailbox unlimited users
    case $(dovecot --version) in
    2.3.*)
        certificate="ssl_cert = <$dir/server.pem" key="ssl_key = <$dir/server.key"
        mailbox='mail_location = maildir:~/Maildir' unlimited='service_count = 0'
        users="passdb {
  driver = static
  args = password={PLAIN}%n-secret
}
userdb {
  driver = static
  args = allow_all_users=yes uid=$owner gid=$(id -gn "$owner") home=$dir/mail/%{if;%d;~;^(desk\\.example)?\$;%n;world}
}"
        ;;
    2.4.*)
        printf '%s = 2.4.0\n' dovecot_config_version dovecot_storage_version
        certificate="ssl_server_cert_file = $dir/server.pem" key="ssl_server_key_file = $dir/server.key"
        mailbox=$'mail_driver = maildir\nmail_path = ~/Maildir' unlimited='restart_request_count = unlimited'
        users="passdb static {
  password = {PLAIN}%{user | username}-secret
}
userdb static {
  allow_all_users = yes
  fields {
    uid = $owner
    gid = $(id -gn "$owner")
    home = $dir/mail/%{user | domain | default('desk.example') | if('eq', 'desk.example', user, 'world') | username}
  }
}"
        ;;
    *) fail "Dovecot $(dovecot --version) is known here neither as 2.3 nor as 2.4" ;;
    esac
    cat <<END
protocols = imap lmtp
base_dir = $dir/run
state_dir = $dir/run
log_path = $dir/log/dovecot
listen = 127.0.0.1
default_login_user = $owner
default_internal_user = $owner
default_internal_group = $(id -gn "$owner")
first_valid_uid = 1
mail_fsync = never

ssl = required
$certificate
$key

service imap-login {
  chroot =
  # One process for all connections: a new one for each is slower to start.
  $unlimited
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
  }
}
service imap {
  process_limit = 500
}
service lmtp {
  unix_listener lmtp {
    mode = 0600
  }
}
service anvil {
  chroot =
  # All tests come from one address: a wrong password in one must not slow the others down.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
auth_failure_delay = 0
protocol imap {
  mail_max_userip_connections = 500
}

# Recipients anywhere are users here, with whatever characters they have.
auth_username_chars =
recipient_delimiter = +
$users
$mailbox
END
}

# Sets $parent and $session of process $1.
find_kin() {
    local state
    { read -r state <"/proc/$1/stat"; } 2>/dev/null || return 1
    # After the name, which may hold anything: state, parent, group, session.
    read -r _ parent _ session _ <<<"${state##*) }"
}

# Whoever runs with our settings $1, in $found: for Exim the daemon, its connections and deliveries, for Dovecot the master and its session.
# Nobody else names that file, so a number that has been given to another process since is never taken for ours.
find_running() {
    local process arguments
    found=()
    for process in /proc/[0-9]*; do
        { mapfile -d '' -t arguments <"$process/cmdline"; } 2>/dev/null || continue
        if [ "${arguments[2]-}" = "$dir/$1" ]; then found+=("${process#/proc/}"); fi
    done
    if [ "$1" = exim.conf ] || [ ${#found[@]} = 0 ]; then return; fi
    find_kin "${found[0]}" || return 0
    local master=$session
    for process in /proc/[0-9]*; do
        if find_kin "${process#/proc/}" && [ "$session" = "$master" ]; then found+=("${process#/proc/}"); fi
    done
}

imap_runs() { find_running dovecot.conf && [ ${#found[@]} -gt 0 ]; }
# The daemon itself: a delivery alone takes no mail.
smtp_runs() {
    { read -r daemon <"$dir/exim.pid"; } 2>/dev/null || return 1
    find_running exim.conf
    [[ " ${found[*]-} " = *" $daemon "* ]]
}

start_smtp() { smtp_runs || as_owner exim4 -C "$dir/exim.conf" -bd -q5s >>"$dir/log/start" 2>&1; }
start_imap() { imap_runs || as_owner dovecot -c "$dir/dovecot.conf" >>"$dir/log/start" 2>&1; }

# Ends all that runs with settings $1. In good order Dovecot takes a second, and nothing here is worth it.
end() {
    for _ in {1..250}; do
        find_running "$1"
        if [ ${#found[@]} = 0 ]; then return; fi
        kill -KILL "${found[@]}" 2>/dev/null || true
        sleep 0.02
    done
    fail "some processes do not end: ${found[*]}"
}

# Ends the daemon and its connections, and lets deliveries be: a mail that is on its way would arrive a second time later.
pause_smtp() {
    smtp_runs || return 0
    # From here on it takes nobody in, and what it did take in is still its child.
    kill -STOP "$daemon"
    local process connections=()
    find_running exim.conf
    for process in "${found[@]}"; do
        if find_kin "$process" && [ "$parent" = "$daemon" ]; then connections+=("$process"); fi
    done
    # Whoever is connected is told so (421).
    if [ ${#connections[@]} -gt 0 ]; then kill -TERM "${connections[@]}" 2>/dev/null || true; fi
    kill -KILL "$daemon"
    for _ in {1..250}; do
        find_running exim.conf
        local left=0
        for process in "$daemon" ${connections[@]+"${connections[@]}"}; do
            if [[ " ${found[*]-} " = *" $process "* ]]; then left=1; fi
        done
        if [ $left = 0 ]; then return; fi
        sleep 0.02
    done
    fail "SMTP does not go away"
}

# Whether port $1 greets in the clear and port $2 proves in TLS that it is ours.
answers() {
    local server greeting=
    { exec {server}<>"/dev/tcp/127.0.0.1/$1"; } 2>/dev/null || return 1
    read -r -t 5 greeting <&"$server" || true
    exec {server}>&-
    case $greeting in 220\ * | \*\ OK\ *) ;; *) return 1 ;; esac
    timeout 5 openssl s_client -connect "127.0.0.1:$2" -CAfile "$dir/ca.pem" -verify_return_error -verify_ip 127.0.0.1 \
        </dev/null >"$dir/log/openssl" 2>&1
}

await() {
    local deadline=$((SECONDS + 10))
    until answers "$2" "$3"; do
        if [ $SECONDS -ge $deadline ]; then fail "$1 does not answer"; fi
        sleep 0.02
    done
}

variables() {
    cat <<END
BACKCHANNEL_TEST_SMTP_URL=smtps://desk:desk-secret@127.0.0.1:$smtps
BACKCHANNEL_TEST_SMTP_STARTTLS_URL=smtp+starttls://desk:desk-secret@127.0.0.1:$smtp
BACKCHANNEL_TEST_IMAP_URL=imaps://desk:desk-secret@127.0.0.1:$imaps
BACKCHANNEL_TEST_IMAP_STARTTLS_URL=imap+starttls://desk:desk-secret@127.0.0.1:$imap
BACKCHANNEL_TEST_WORLD_SMTP_URL=smtps://world:world-secret@127.0.0.1:$smtps
BACKCHANNEL_TEST_WORLD_IMAP_URL=imaps://world:world-secret@127.0.0.1:$imaps
BACKCHANNEL_TEST_MAIL_CA=$dir/ca.pem
BACKCHANNEL_TEST_MAIL_DIR=$dir
END
}

# Reads the ports of a server that is there already.
known() { [ -f "$dir/ports" ] && read -r smtp smtps imap imaps <"$dir/ports"; }
must_be_known() { known || fail "there is no mail server in $dir: start it first"; }

start() {
    if ! command -v exim4 >/dev/null || [ ! -x /usr/lib/dovecot/imap ] || [ ! -x /usr/lib/dovecot/lmtp ]; then
        fail "no mail server found: install it with \`apt-get install -y exim4-daemon-light dovecot-imapd dovecot-lmtpd\`"
    fi
    # It is named in settings with rules of their own, and in the names of sockets, which are short.
    if ! [[ $dir =~ ^[A-Za-z0-9/._-]{1,80}$ ]]; then
        fail "the name \`$dir\` is too long or has more than letters, digits, dots and dashes"
    fi
    if ! known; then
        # What a start that failed has left.
        if [ -e "$dir/.mail.sh" ]; then stop; fi
        if [ -n "$(ls -A "$dir" 2>/dev/null)" ]; then fail "$dir holds something else"; fi
        mkdir -p "$dir"/{log,mail,run,spool}
        # Nothing without this is ever removed.
        touch "$dir/.mail.sh"
        certificates
        # Below the ports that a system hands out by itself: while SMTP is paused nobody else is given its port.
        local ports
        for _ in {1..20}; do
            mapfile -t ports < <(shuf -i 20000-32000 -n 4)
            smtp=${ports[0]} smtps=${ports[1]} imap=${ports[2]} imaps=${ports[3]}
            exim_settings >"$dir/exim.conf"
            dovecot_settings >"$dir/dovecot.conf"
            chmod 755 "$dir"
            if [ "$(id -u)" = 0 ]; then chown -R "$owner:" "$dir"; fi
            as_owner test -r "$dir/exim.conf" || fail "the user $owner cannot reach $dir: open the folders above it"
            if start_smtp && start_imap; then echo "${ports[*]}" >"$dir/ports"; break; fi
            end exim.conf
        done
        known || fail "the servers did not start"
    fi
    if ! start_smtp || ! start_imap; then fail "the servers did not start again"; fi
    await SMTP "$smtp" "$smtps"
    await IMAP "$imap" "$imaps"
    variables
}

stop() {
    if [ ! -e "$dir" ]; then return; fi
    if [ ! -e "$dir/.mail.sh" ] && [ -n "$(ls -A "$dir")" ]; then fail "$dir holds something else"; fi
    end exim.conf
    end dovecot.conf
    rm -rf "$dir"
}

case $1 in
start) start ;;
stop) stop ;;
pause-smtp)
    must_be_known
    pause_smtp
    ;;
resume-smtp)
    must_be_known
    start_smtp || fail "SMTP did not start again"
    await SMTP "$smtp" "$smtps"
    ;;
check)
    must_be_known
    python3 "$(dirname "$0")/mail.py" "$0" "$dir" "$smtp" "$smtps" "$imap" "$imaps"
    ;;
*)
    echo "$usage" >&2
    exit 2
    ;;
esac
