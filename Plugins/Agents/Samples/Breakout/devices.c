/* SPDX-License-Identifier: Apache-2.0
 *
 * devices.c: device nodes. None that acts when it is opened is tried: /dev/watchdog would reboot the machine.
 */
#define _GNU_SOURCE
#include "attempts.h"

static breakout_result opens_one_of(const char *const *paths, size_t count, int flags) {
    char said[100] = "";
    for (size_t i = 0; i < count; i++) {
        int descriptor = open(paths[i], flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (descriptor >= 0) {
            close(descriptor);
            return escaped("opened %s", paths[i]);
        }
        if (said[0] == 0 || errno != ENOENT) snprintf(said, sizeof said, "%s: %s", paths[i], error_name(errno));
    }
    return blocked("%s", said);
}

#define DEVICES(name, flags, ...) \
    static breakout_result name(void) { \
        static const char *const paths[] = {__VA_ARGS__}; \
        return opens_one_of(paths, COUNT_OF(paths), flags); \
    }

DEVICES(memory, O_RDONLY, "/dev/mem", "/dev/kmem", "/dev/port", "/dev/nvram")
DEVICES(message, O_WRONLY, "/dev/kmsg")
DEVICES(disk, O_RDONLY, "/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/xvda", "/dev/mmcblk0", "/dev/dm-0", "/dev/root")
DEVICES(loop, O_RDWR, "/dev/loop-control", "/dev/loop0", "/dev/nbd0", "/dev/mapper/control", "/dev/btrfs-control")
DEVICES(machine, O_RDWR, "/dev/kvm", "/dev/vhost-net", "/dev/vhost-vsock", "/dev/vfio/vfio")
DEVICES(user_files, O_RDWR, "/dev/fuse", "/dev/cuse")
DEVICES(tunnel, O_RDWR, "/dev/net/tun", "/dev/ppp")
DEVICES(input, O_RDONLY, "/dev/input/event0", "/dev/input/mice", "/dev/uinput", "/dev/hidraw0")
DEVICES(picture, O_RDWR, "/dev/dri/card0", "/dev/dri/renderD128", "/dev/fb0", "/dev/video0", "/dev/nvidia0")
DEVICES(sound, O_RDWR, "/dev/snd/controlC0", "/dev/snd/timer")
DEVICES(processor, O_RDONLY, "/dev/cpu/0/msr", "/dev/cpu/0/cpuid", "/dev/cpu_dma_latency")
DEVICES(faults, O_RDWR, "/dev/userfaultfd")
DEVICES(clock, O_RDONLY, "/dev/rtc0", "/dev/hpet", "/dev/ptp0")
DEVICES(entropy, O_RDONLY, "/dev/hwrng", "/dev/tpm0", "/dev/tpmrm0")
DEVICES(console_memory, O_RDONLY, "/dev/vcs", "/dev/vcsa", "/dev/vcs1")

const breakout_attempt device_attempts[] = {
    {"dev-memory", "open the machine's memory", memory, 0},
    {"dev-kmsg", "write to the kernel log", message, 0},
    {"dev-disk", "open a disk", disk, 0},
    {"dev-loop", "make a disk of a file", loop, 0},
    {"dev-kvm", "start virtual machines", machine, 0},
    {"dev-fuse", "serve a file system", user_files, 0},
    {"dev-tun", "make a network interface", tunnel, 0},
    {"dev-input", "read the keyboard", input, 0},
    {"dev-picture", "use the graphics card or a camera", picture, 0},
    {"dev-sound", "use the sound card", sound, 0},
    {"dev-msr", "read processor registers", processor, 0},
    {"dev-userfaultfd", "handle page faults by a device", faults, 0},
    {"dev-clock", "open a clock", clock, 0},
    {"dev-entropy", "open a hardware generator or a TPM", entropy, 0},
    {"dev-screen", "read a console's screen", console_memory, 0},
    END_OF_ATTEMPTS,
};
