// SPDX-License-Identifier: GPL-2.0
/*
 * What a program can see of the machine that it runs on: processor features, the
 * layout of its extended state, kernel and vdso. It travels in the hello, so that a
 * move to an unsuited machine is refused before the program is stopped.
 */
#include <crypto/sha2.h>
#include <linux/utsname.h>
#include <asm/cpufeature.h>
#include <asm/fpu/xcr.h>
#include <asm/processor.h>
#include "compat.h"
#include "node.h"

#define PM_XSTATE_LEAF		0xd
#define PM_XSTATE_EXTENDED	2	/* the first component with an offset of its own */

/**
 * struct pm_feature - a processor feature that matters to programs
 * @bit: X86_FEATURE_*
 * @name: as in /proc/cpuinfo
 */
struct pm_feature {
	u16 bit;
	const char *name;
};

/* Instructions that programs can execute; no hints, no privileged ones. */
static const struct pm_feature pm_features[] = {
	{ X86_FEATURE_FPU, "fpu" },
	{ X86_FEATURE_TSC, "tsc" },
	{ X86_FEATURE_CX8, "cx8" },
	{ X86_FEATURE_CMOV, "cmov" },
	{ X86_FEATURE_CLFLUSH, "clflush" },
	{ X86_FEATURE_MMX, "mmx" },
	{ X86_FEATURE_FXSR, "fxsr" },
	{ X86_FEATURE_XMM, "sse" },
	{ X86_FEATURE_XMM2, "sse2" },
	{ X86_FEATURE_SYSCALL, "syscall" },
	{ X86_FEATURE_MMXEXT, "mmxext" },
	{ X86_FEATURE_RDTSCP, "rdtscp" },
	{ X86_FEATURE_LM, "lm" },
	{ X86_FEATURE_3DNOWEXT, "3dnowext" },
	{ X86_FEATURE_3DNOW, "3dnow" },
	{ X86_FEATURE_XMM3, "pni" },
	{ X86_FEATURE_PCLMULQDQ, "pclmulqdq" },
	{ X86_FEATURE_SSSE3, "ssse3" },
	{ X86_FEATURE_FMA, "fma" },
	{ X86_FEATURE_CX16, "cx16" },
	{ X86_FEATURE_XMM4_1, "sse4_1" },
	{ X86_FEATURE_XMM4_2, "sse4_2" },
	{ X86_FEATURE_MOVBE, "movbe" },
	{ X86_FEATURE_POPCNT, "popcnt" },
	{ X86_FEATURE_AES, "aes" },
	{ X86_FEATURE_XSAVE, "xsave" },
	{ X86_FEATURE_AVX, "avx" },
	{ X86_FEATURE_F16C, "f16c" },
	{ X86_FEATURE_RDRAND, "rdrand" },
	{ X86_FEATURE_LAHF_LM, "lahf_lm" },
	{ X86_FEATURE_ABM, "abm" },
	{ X86_FEATURE_SSE4A, "sse4a" },
	{ X86_FEATURE_MISALIGNSSE, "misalignsse" },
	{ X86_FEATURE_3DNOWPREFETCH, "3dnowprefetch" },
	{ X86_FEATURE_XOP, "xop" },
	{ X86_FEATURE_FMA4, "fma4" },
	{ X86_FEATURE_TBM, "tbm" },
	{ X86_FEATURE_MWAITX, "mwaitx" },
	{ X86_FEATURE_FSGSBASE, "fsgsbase" },
	{ X86_FEATURE_BMI1, "bmi1" },
	{ X86_FEATURE_AVX2, "avx2" },
	{ X86_FEATURE_BMI2, "bmi2" },
	{ X86_FEATURE_RTM, "rtm" },
	{ X86_FEATURE_AVX512F, "avx512f" },
	{ X86_FEATURE_AVX512DQ, "avx512dq" },
	{ X86_FEATURE_RDSEED, "rdseed" },
	{ X86_FEATURE_ADX, "adx" },
	{ X86_FEATURE_AVX512IFMA, "avx512ifma" },
	{ X86_FEATURE_CLFLUSHOPT, "clflushopt" },
	{ X86_FEATURE_CLWB, "clwb" },
	{ X86_FEATURE_AVX512PF, "avx512pf" },
	{ X86_FEATURE_AVX512ER, "avx512er" },
	{ X86_FEATURE_AVX512CD, "avx512cd" },
	{ X86_FEATURE_SHA_NI, "sha_ni" },
	{ X86_FEATURE_AVX512BW, "avx512bw" },
	{ X86_FEATURE_AVX512VL, "avx512vl" },
	{ X86_FEATURE_XSAVEOPT, "xsaveopt" },
	{ X86_FEATURE_XSAVEC, "xsavec" },
	{ X86_FEATURE_XGETBV1, "xgetbv1" },
	{ X86_FEATURE_AVX_VNNI, "avx_vnni" },
	{ X86_FEATURE_AVX512_BF16, "avx512_bf16" },
	{ X86_FEATURE_CLZERO, "clzero" },
	{ X86_FEATURE_RDPRU, "rdpru" },
	{ X86_FEATURE_AVX512VBMI, "avx512vbmi" },
	{ X86_FEATURE_OSPKE, "ospke" },
	{ X86_FEATURE_WAITPKG, "waitpkg" },
	{ X86_FEATURE_AVX512_VBMI2, "avx512_vbmi2" },
	{ X86_FEATURE_GFNI, "gfni" },
	{ X86_FEATURE_VAES, "vaes" },
	{ X86_FEATURE_VPCLMULQDQ, "vpclmulqdq" },
	{ X86_FEATURE_AVX512_VNNI, "avx512_vnni" },
	{ X86_FEATURE_AVX512_BITALG, "avx512_bitalg" },
	{ X86_FEATURE_AVX512_VPOPCNTDQ, "avx512_vpopcntdq" },
	{ X86_FEATURE_RDPID, "rdpid" },
	{ X86_FEATURE_MOVDIRI, "movdiri" },
	{ X86_FEATURE_MOVDIR64B, "movdir64b" },
	{ X86_FEATURE_AVX512_4VNNIW, "avx512_4vnniw" },
	{ X86_FEATURE_AVX512_4FMAPS, "avx512_4fmaps" },
	{ X86_FEATURE_AVX512_VP2INTERSECT, "avx512_vp2intersect" },
	{ X86_FEATURE_SERIALIZE, "serialize" },
	{ X86_FEATURE_TSXLDTRK, "tsxldtrk" },
	{ X86_FEATURE_AMX_BF16, "amx_bf16" },
	{ X86_FEATURE_AVX512_FP16, "avx512_fp16" },
	{ X86_FEATURE_AMX_TILE, "amx_tile" },
	{ X86_FEATURE_AMX_INT8, "amx_int8" },
};

static struct pm_machine pm_machine;

/**
 * pm_machine_self() - what programs can see of this machine
 *
 * Context: any, after pm_machine_init().
 * Return: a description that does not change.
 */
const struct pm_machine *pm_machine_self(void)
{
	return &pm_machine;
}

/**
 * pm_machine_missing() - can a program that has seen @have go on at @to?
 * @have: processor features that it may have looked at
 * @xfeatures: state components that it may use
 * @to: the other machine
 * @name: the name of the first thing that is missing there
 * @len: size of @name
 *
 * The layout of the state is compared with that of this node.
 *
 * Context: any.
 * Return: true if something is missing.
 */
bool pm_machine_missing(const u32 *have, u64 xfeatures, const struct pm_machine *to,
			char *name, size_t len)
{
	unsigned int i;
	u32 missing;

	for (i = 0; i < ARRAY_SIZE(pm_features); i++) {
		u16 bit = pm_features[i].bit;

		if (have[bit / 32] & ~to->cpu[bit / 32] & BIT(bit % 32)) {
			scnprintf(name, len, "%s", pm_features[i].name);
			return true;
		}
	}
	/* features of which only newer versions know the name */
	for (i = 0; i < PM_CPU_WORDS; i++) {
		missing = have[i] & ~to->cpu[i];
		if (missing) {
			scnprintf(name, len, "processor feature %lu", i * 32 + __ffs(missing));
			return true;
		}
	}
	for (i = 0; i < PM_XFEATURES; i++) {
		if (!(xfeatures & BIT_ULL(i)))
			continue;
		if (!(to->xfeatures & BIT_ULL(i))) {
			scnprintf(name, len, "xstate component %u", i);
			return true;
		}
		if (to->xoffset[i] != pm_machine.xoffset[i]) {
			scnprintf(name, len, "this xstate layout");
			return true;
		}
	}
	return false;
}

/**
 * pm_machine_pack() - to the wire
 * @wire: filled
 * @machine: description
 */
void pm_machine_pack(struct pm_wire_machine *wire, const struct pm_machine *machine)
{
	unsigned int i;

	for (i = 0; i < PM_CPU_WORDS; i++)
		wire->cpu[i] = cpu_to_le32(machine->cpu[i]);
	wire->xfeatures = cpu_to_le64(machine->xfeatures);
	wire->xsize = cpu_to_le32(machine->xsize);
	wire->pid_max = cpu_to_le32(machine->pid_max);
	for (i = 0; i < PM_XFEATURES; i++)
		wire->xoffset[i] = cpu_to_le32(machine->xoffset[i]);
	memcpy(wire->kernel, machine->kernel, sizeof(wire->kernel));
	memcpy(wire->vdso, machine->vdso, sizeof(wire->vdso));
}

/**
 * pm_machine_unpack() - from the wire
 * @machine: filled; all values are possible, as the peer tells them
 * @wire: as received
 */
void pm_machine_unpack(struct pm_machine *machine, const struct pm_wire_machine *wire)
{
	unsigned int i;

	for (i = 0; i < PM_CPU_WORDS; i++)
		machine->cpu[i] = le32_to_cpu(wire->cpu[i]);
	machine->xfeatures = le64_to_cpu(wire->xfeatures);
	machine->xsize = le32_to_cpu(wire->xsize);
	machine->pid_max = le32_to_cpu(wire->pid_max);
	for (i = 0; i < PM_XFEATURES; i++)
		machine->xoffset[i] = le32_to_cpu(wire->xoffset[i]);
	memcpy(machine->kernel, wire->kernel, sizeof(machine->kernel));
	memcpy(machine->vdso, wire->vdso, sizeof(machine->vdso));
}

static void pm_machine_features(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pm_features); i++) {
		u16 bit = pm_features[i].bit;

		if (test_cpu_cap(&boot_cpu_data, bit))
			pm_machine.cpu[bit / 32] |= BIT(bit % 32);
	}
}

static void pm_machine_xstate(void)
{
	u32 eax, ebx, ecx, edx;
	unsigned int i;

	if (!boot_cpu_has(X86_FEATURE_OSXSAVE)) {
		pm_machine.xfeatures = BIT_ULL(0) | BIT_ULL(1);	/* x87 and SSE: FXSAVE */
		pm_machine.xsize = 512;
		return;
	}
	pm_machine.xfeatures = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	cpuid_count(PM_XSTATE_LEAF, 0, &eax, &ebx, &ecx, &edx);
	pm_machine.xsize = ebx;
	for (i = PM_XSTATE_EXTENDED; i < PM_XFEATURES - 1; i++) {
		if (!(pm_machine.xfeatures & BIT_ULL(i)))
			continue;
		cpuid_count(PM_XSTATE_LEAF, i, &eax, &ebx, &ecx, &edx);
		pm_machine.xoffset[i] = ebx;
	}
}

static void pm_machine_kernel(void)
{
	const struct new_utsname *uts = init_utsname();
	struct vm_area_struct *gate;
	struct sha256_state sha;
	u8 vsyscall;
	const void *vdso;
	size_t len;

	sha256_init(&sha);
	sha256_update(&sha, uts->release, sizeof(uts->release));
	sha256_update(&sha, uts->version, sizeof(uts->version));
	sha256_update(&sha, uts->machine, sizeof(uts->machine));
	/* is there an old vsyscall page, and can it be read? */
	gate = current->mm ? pm_gate_vma(current->mm) : NULL;
	vsyscall = !gate ? 0 : gate->vm_flags & VM_READ ? 2 : 1;
	sha256_update(&sha, &vsyscall, sizeof(vsyscall));
	sha256_final(&sha, pm_machine.kernel);
	vdso = pm_vdso_text(&len);
	sha256(vdso, len, pm_machine.vdso);
}

/**
 * pm_machine_init() - look at this machine
 *
 * Context: may sleep, after pm_compat_init().
 */
void pm_machine_init(void)
{
	BUILD_BUG_ON(NCAPINTS > PM_CPU_WORDS);
	pm_machine_features();
	pm_machine_xstate();
	pm_machine_kernel();
}
