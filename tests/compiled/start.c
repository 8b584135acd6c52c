// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What the caller of the cases needs to run without a C library: start, output, exit, memory
 * functions that compilers call on their own. Output is text; one record a line.
 */
#include "case.h"

#define SEE_DEFINE(name) volatile struct see see_##name;
SEE_SLOTS(SEE_DEFINE)
volatile long any = 1;
volatile char sink;
volatile unsigned long long result = 0x0101010101010101ULL * RESULT_BYTE;

#if defined(__x86_64__)
enum { SYS_WRITE = 1, SYS_EXIT = 60 };
#elif defined(__mips__)
enum { SYS_WRITE = 5001, SYS_EXIT = 5058 };
#elif defined(__aarch64__) || defined(__riscv) || defined(__loongarch__)
enum { SYS_WRITE = 64, SYS_EXIT = 93 };
#else
enum { SYS_WRITE = 4, SYS_EXIT = 1 };
#endif

static long system_call(long number, long a, long b, long c)
{
#if defined(__x86_64__)
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
#elif defined(__i386__)
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
		 x2 __asm__("x2") = c;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
#elif defined(__arm__)
	/* r7 may be the frame pointer, which nobody may claim. */
	register long r0 __asm__("r0") = a, r1 __asm__("r1") = b, r2 __asm__("r2") = c,
		 r3 __asm__("r3") = number;

	__asm__ volatile("push {r7}\n\tmov r7, r3\n\tsvc 0\n\tpop {r7}"
			 : "+r"(r0)
			 : "r"(r1), "r"(r2), "r"(r3)
			 : "memory");
	return r0;
#elif defined(__s390x__)
	register long r1 __asm__("1") = number, r2 __asm__("2") = a, r3 __asm__("3") = b,
		 r4 __asm__("4") = c;

	__asm__ volatile("svc 0" : "+d"(r2) : "d"(r1), "d"(r3), "d"(r4) : "memory");
	return r2;
#elif defined(__powerpc64__)
	register long r0 __asm__("r0") = number, r3 __asm__("r3") = a, r4 __asm__("r4") = b,
		 r5 __asm__("r5") = c;

	__asm__ volatile("sc"
			 : "+r"(r0), "+r"(r3), "+r"(r4), "+r"(r5)
			 :
			 : "memory", "cr0", "ctr", "r6", "r7", "r8", "r9", "r10", "r11", "r12");
	return r3;
#elif defined(__riscv)
	register long a7 __asm__("a7") = number, a0 __asm__("a0") = a, a1 __asm__("a1") = b,
		 a2 __asm__("a2") = c;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
	return a0;
#elif defined(__mips__)
	register long r2 __asm__("$2") = number, r4 __asm__("$4") = a, r5 __asm__("$5") = b,
		 r6 __asm__("$6") = c, r7 __asm__("$7");

	__asm__ volatile("syscall"
			 : "+r"(r2), "=r"(r7)
			 : "r"(r4), "r"(r5), "r"(r6)
			 : "memory", "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14",
			   "$15", "$24", "$25");
	return r2;
#elif defined(__loongarch__)
	register long a7 __asm__("$a7") = number, a0 __asm__("$a0") = a, a1 __asm__("$a1") = b,
		 a2 __asm__("$a2") = c;

	__asm__ volatile("syscall 0"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2)
			 : "memory", "$t0", "$t1", "$t2", "$t3", "$t4", "$t5", "$t6", "$t7", "$t8");
	return a0;
#else
#error "no system call for this machine"
#endif
}

USED void *memcpy(void *to, const void *from, unsigned long size)
{
	volatile char *t = to;
	const char *f = from;

	while (size--)
		*t++ = *f++;
	return to;
}

USED void *memmove(void *to, const void *from, unsigned long size)
{
	volatile char *t = to;
	const char *f = from;

	if (t <= f)
		return memcpy(to, from, size);
	while (size--)
		t[size] = f[size];
	return to;
}

USED void *memset(void *to, int byte, unsigned long size)
{
	volatile char *t = to;

	while (size--)
		*t++ = byte;
	return to;
}

static char out[512];
static unsigned int out_size;

void out_flush(void)
{
	system_call(SYS_WRITE, 1, (long)out, out_size);
	out_size = 0;
}

static void out_char(char c)
{
	if (out_size == sizeof(out))
		out_flush();
	out[out_size++] = c;
}

void out_string(const char *s)
{
	while (*s)
		out_char(*s++);
}

void out_bytes(const volatile void *from, unsigned long size)
{
	const volatile unsigned char *f = from;

	for (unsigned long i = 0; i < size; i++) {
		out_char("0123456789abcdef"[f[i] >> 4]);
		out_char("0123456789abcdef"[f[i] & 15]);
	}
	out_char('\n');
}

static void see_print(const char *name, volatile struct see *see)
{
	if (!see->func)
		return;
	out_string("see ");
	out_string(name);
	out_string(" ");
	out_string(see->func);
	out_string(" ");
	out_bytes(see->bytes, see->size);
}

#define SEE_RESET(name)                                                                            \
	memset((void *)see_##name.bytes, 0, sizeof(see_##name.bytes));                             \
	see_##name.func = 0;
#define SEE_PRINT(name) see_print(#name, &see_##name);

/* Before and after a call; text is what the call is known by. */
void call_begin(const char *text)
{
	SEE_SLOTS(SEE_RESET)
	out_string("call ");
	out_string(text);
	out_string("\n");
	out_flush();
}

void call_end(void)
{
	SEE_SLOTS(SEE_PRINT)
	out_flush();
}

void run(void);

USED void start(void)
{
	run();
	out_string("end\n");
	out_flush();
	system_call(SYS_EXIT, 0, 0, 0);
	for (;;)
		;
}

/* The stack as C functions want it, where a process does not begin with that. */
#if defined(__x86_64__)
__asm__(".text\n.globl _start\n.type _start, @function\n_start: call start\n"
	".size _start, .-_start\n");
#elif defined(__i386__)
__asm__(".text\n.globl _start\n.type _start, @function\n_start: and $-16, %esp\n\tcall start\n"
	".size _start, .-_start\n");
#elif defined(__s390x__)
__asm__(".text\n.globl _start\n.type _start, @function\n_start: aghi %r15, -160\n\t"
	"brasl %r14, start\n"
	".size _start, .-_start\n");
#else
USED void _start(void)
{
	start();
}
#endif
