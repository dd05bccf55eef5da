#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a program in a virtual machine with Debian's own kernel, whose module vhci-hcd takes made-up
# USB devices. Usage: run_in_kernel.sh FOLDER PROGRAM [ARGUMENT...]
# FOLDER keeps the kernel (unpacked from Debian's package, 70 MB, unless one is installed) and the
# machine's first disk. Ends with the status of the program, or 77 when something is missing.
set -eu
skip() {
    echo "skipped: $*"
    exit 77
}
folder=$1
program=$2
shift 2
command -v qemu-system-x86_64 >/dev/null || skip "needs the Debian package qemu-system-x86"
busybox=$(command -v busybox) || skip "needs the Debian package busybox-static"
mkdir -p "$folder"

# has_kernel PLACE: sets kernel and modules when PLACE has both.
has_kernel() {
    for kernel in "$1"/boot/vmlinuz-*-amd64; do
        modules=$1/lib/modules/${kernel##*/vmlinuz-}/kernel/drivers/usb
        [ -f "$kernel" ] && [ -f "$modules/usbip/vhci-hcd.ko" ] && return 0
    done
    return 1
}
get_kernel() {
    package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: *//p' |
        head -n 1)
    [ -n "$package" ] && (cd "$folder" && apt-get -q download "$package" >/dev/null 2>&1) &&
        dpkg-deb --fsys-tarfile "$folder/$package"_*.deb |
        tar -x -C "$folder" --wildcards './boot/vmlinuz*' '*/drivers/usb/*'
    rm -f "$folder"/linux-image-*.deb
}
has_kernel "" || has_kernel "$folder" || { get_kernel && has_kernel "$folder"; } ||
    skip "needs a kernel: the Debian package linux-image-amd64 could not be had"

root=$folder/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/lib/modules" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/run"
cp "$busybox" "$root/bin/busybox"
cp "$program" "$root/bin/program"
for binary in "$busybox" "$program"; do
    for library in $(ldd "$binary" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^\t\(\/[^ ]*\).*/\1/p'); do
        mkdir -p "$root${library%/*}"
        cp -nL "$library" "$root$library"
    done
done
cp "$modules"/common/usb-common.ko "$modules"/core/usbcore.ko "$modules"/usbip/usbip-core.ko \
    "$modules"/usbip/vhci-hcd.ko "$root/lib/modules/"
arguments=
for argument; do
    arguments="$arguments '$argument'"
done
cat >"$root/init" <<INIT
#!/bin/busybox sh
export PATH=/bin FOVEA_TEST_SLOW=${FOVEA_TEST_SLOW:-5}
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
for module in usb-common usbcore usbip-core vhci-hcd; do insmod /lib/modules/\$module.ko; done
dmesg -n 1
echo "kernel \$(uname -r), ready after \$(cut -d' ' -f1 /proc/uptime) s"
/bin/program $arguments
echo "guest ended with \$?"
poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | "$busybox" cpio -o -H newc >"$folder/disk" 2>/dev/null)

# The hardware's own virtual machine where there is one, else by translation.
timeout "${FOVEA_KERNEL_SECONDS:-500}" qemu-system-x86_64 -accel kvm -accel tcg,thread=multi \
    -cpu max -smp 2 -m 1536 -nographic -no-reboot -nodefaults -serial stdio \
    -kernel "$kernel" -initrd "$folder/disk" \
    -append "console=ttyS0 panic=-1 quiet mitigations=off nokaslr tsc=reliable" </dev/null |
    tr -d '\r' | tee "$folder/log"
status=$(sed -n 's/^guest ended with //p' "$folder/log")
exit "${status:-1}"
