/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * How the sample places per-CPU variables: the way a kernel does, in a section of its own that
 * the linker script puts at address 0. A variable in .discard never reaches the file; its DIE
 * does, with the address 0 that a discarded section leaves behind.
 */
#ifndef SAMPLE_PERCPU_H
#define SAMPLE_PERCPU_H

#define __percpu_section __attribute__((section(".data..percpu"), used))
#define __percpu_first __attribute__((section(".data..percpu..first"), used))
#define __percpu_discard __attribute__((section(".discard"), used))

#define DECLARE_PER_CPU(type, name) extern type name __attribute__((section(".data..percpu")))
#define DEFINE_PER_CPU(type, name) __typeof__(type) name __percpu_section

#endif
