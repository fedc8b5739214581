#!/bin/bash
# SPDX-License-Identifier: MIT
#
# From a clone to a running service and a passing test run, on a Debian 12 with nothing but git and make:
#
#     sudo tools/bare-debian.sh [--keep] [--only run|test|packages] [FOLDER]
#
# With `--only packages` (make bare) it has not even these: what tools/packages has built in build-packages/ is installed, and
# tests/cli/test_transcript.py does what a new user does first.
#
# Runs debootstrap in FOLDER (default: a new one under /var/tmp, removed afterwards) with the mirror that this machine's
# apt uses, clones this repository into it, and times `make test`, and `make run` until it answers. Needs debootstrap,
# unshare and root. Copies in, for the test only, what this machine's network needs (resolver, certificates, npm's
# settings without its credentials). The port is PORT (18080).
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
port=${PORT:-18080}
keep= only=
while [ $# -gt 0 ]; do
	case $1 in
	--keep) keep=yes ;;
	--only) only=$2 && shift ;;
	-*) sed -n '4,14s/^# \{0,1\}//p' "$0" && exit 64 ;;
	*) root=$1 ;;
	esac
	shift
done

say() {
	echo "bare-debian: $*"
}

debian_sources() {
	apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		sed -n 's/^Debian \(.*bookworm.* main\)$/deb \1/p' | sort -u
}

make_root() {
	local mirror include=--include=git,make
	[ "$only" != packages ] || include=
	mirror=$(debian_sources | awk '$3 == "bookworm" { print $2; exit }')
	[ -n "$mirror" ] || { say "apt has no bookworm mirror: add one to its sources" && exit 1; }
	say "debootstrap into $root from $mirror"
	debootstrap --variant=minbase $include bookworm "$root" "$mirror" >"$root.log" 2>&1 ||
		{ tail -20 "$root.log" && exit 1; }
	debian_sources >"$root/etc/apt/sources.list"
}

borrow_network() {
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	mkdir -p "$root/usr/local/share/ca-certificates" "$root/etc/npm"
	cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
	grep -rhs '^Acquire::\(http\|https\|Check\)' /etc/apt/apt.conf.d >"$root/etc/apt/apt.conf.d/99borrowed" || true
	grep -hsE '^(registry|cafile|proxy|https-proxy|noproxy) *=' "$HOME/.npmrc" >"$root$HOME/.npmrc" || true
}

# Runs the command in its own mount and process namespaces, so that everything ends with it.
enter() { # command
	unshare --mount --pid --fork --mount-proc bash -euc '
		mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev"
		mount -t tmpfs tmpfs "$1/tmp"
		exec env -i HOME="$HOME" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
			chroot "$1" bash -euc "$2"' bash "$root" "$1"
}

try_run() {
	say "make run"
	enter '
		cd /coracle
		make run HTTP=127.0.0.1:'"$port"' >/var/log/run.log 2>&1 &
		while ! (exec 3<>/dev/tcp/127.0.0.1/'"$port"') 2>/dev/null; do
			kill -0 $! 2>/dev/null || { tail -30 /var/log/run.log; echo "bare-debian: make run FAILED"; exit 1; }
			sleep 0.2
		done
		echo "bare-debian: make run: the service answers after $SECONDS s"
		grep ^deps: /var/log/run.log
		printf "GET /docs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" >/tmp/request
		exec 3<>/dev/tcp/127.0.0.1/'"$port"'
		cat /tmp/request >&3
		head -1 <&3'
}

try_test() {
	say "make test"
	enter '
		cd /coracle
		make test >/var/log/test.log 2>&1 && status=passed || status=FAILED
		grep ^deps: /var/log/test.log || true
		[ $status = passed ] || grep -A40 -m1 FAILED /var/log/test.log || tail -40 /var/log/test.log
		tail -1 /var/log/test.log
		echo "bare-debian: make test $status after $SECONDS s"
		[ $status = passed ]'
}

try_packages() {
	say "the packages, as a new user has them"
	mkdir -p "$root/debs" "$root/transcript"
	cp "$here"/build-packages/*.deb "$root/debs/"
	rm -f "$root"/debs/*-dbgsym_*
	cp "$here"/tests/house/tap.py "$here"/tests/cli/{command,project,dev,test_transcript}.py "$root/transcript/"
	enter '
		export DEBIAN_FRONTEND=noninteractive
		update-ca-certificates >/dev/null 2>&1 || true
		apt-get update -qq
		apt-get install -qq -y --no-install-recommends /debs/*.deb >/var/log/install.log 2>&1 || { tail -20 /var/log/install.log; exit 1; }
		echo "bare-debian: installed after $SECONDS s"
		for page in man1/coracle man1/coracle-generate man7/coracle-service; do ls /usr/share/man/$page.*; done
		python3 -B /transcript/test_transcript.py
		dpkg --purge $(dpkg-query -W -f "\${Package} \${Source}\n" | awk "\$1 ~ /^(lib)?coracle/ { print \$1 }") >/dev/null
		if find /usr /var/lib/dpkg/info -name "*coracle*" | grep .; then echo "bare-debian: that is left"; exit 1; fi
		echo "bare-debian: the packages passed after $SECONDS s"'
}

[ "$(id -u)" = 0 ] || { say "needs root: run it with sudo" && exit 1; }
if [ -z "${root:-}" ]; then
	root=$(mktemp -d /var/tmp/bare-debian.XXXXXX)
else
	mkdir -p "$root" && root=$(cd "$root" && pwd)
fi
[ -n "$keep" ] || trap 'rm -rf --one-file-system "$root" "$root.log"' EXIT

[ -x "$root/bin/bash" ] || make_root
borrow_network
if [ "$only" = packages ]; then
	try_packages
	exit
fi
rm -rf "$root/coracle"
git clone -q --no-hardlinks "$here" "$root/coracle"
status=0
[ "$only" = test ] || try_run || status=1
[ "$only" = run ] || try_test || status=1
exit $status
