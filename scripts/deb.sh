#!/bin/sh
# Makes a Debian package of the program in the directory given (build/ without one). The Swift runtime is linked in, so the
# package installs and runs where no Swift is.
set -eu
cd "$(dirname "$0")/.."
output=${1:-build}
# As Debian's tools have it: DEBFULLNAME and DEBEMAIL say who packs; otherwise it is who made the last commit.
maintainer="${DEBFULLNAME:-$(git log -1 --format=%an)} <${DEBEMAIL:-$(git log -1 --format=%ae)}>"
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)
architecture=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

make --no-print-directory install DESTDIR="$root" PREFIX=/usr
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/ioascope"

doc="$root/usr/share/doc/ioascope"
install -d "$doc"
install -m 644 packaging/debian/copyright "$doc/copyright"
sed "s/@MAINTAINER@/$maintainer/" packaging/debian/changelog | gzip -9nc >"$doc/changelog.Debian.gz"
install -D -m 644 packaging/debian/lintian-overrides "$root/usr/share/lintian/overrides/ioascope"
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
gzip -9n "$root/usr/share/man/man1/ioascope.1"
find "$root" -type d -exec chmod 755 {} +
find "$root/usr/share" -type f -exec chmod 644 {} +

# What the binary is linked with, as packages: dpkg-shlibdeps wants a source tree, so a small one is made for it.
mkdir -p "$root/.work/debian"
printf 'Source: ioascope\n\nPackage: ioascope\nArchitecture: any\nDescription: x\n' >"$root/.work/debian/control"
depends=$(cd "$root/.work" && dpkg-shlibdeps -O "$root/usr/bin/ioascope" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
rm -rf "$root/.work"

install -d "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: ioascope
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -ks "$root/usr" | cut -f1)
Depends: $depends
Section: devel
Priority: optional
Description: shows, steps and checks the lifetimes of Linux iommufd objects
 A terminal program for kernel developers, reviewers and teachers. It steps
 threads through the functions of the iommufd subsystem line by line, draws
 objects, locks, reference counts and pins, searches every interleaving for what
 must not happen, and holds recorded kernel traces against its models. The
 models are text files that a user can edit.
CONTROL
(cd "$root" && find usr -type f -exec md5sum {} + | LC_ALL=C sort -k2) >"$root/DEBIAN/md5sums"
mkdir -p "$output"
file="$output/ioascope_${version}_$architecture.deb"
dpkg-deb --root-owner-group -Zxz --build "$root" "$file" >/dev/null
echo "$file"
