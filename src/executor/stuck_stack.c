/* SPDX-License-Identifier: MIT */
/*
 * The return addresses on another thread's stack, newest first, down to where its worker called the
 * function. Read through the kernel: the thread may go on, or end, meanwhile, and then there is
 * nothing to read instead of a fault.
 */
#include "arch/arch.h"
#include "executor/stuck.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, STACK_MOST = 128 << 10, FRAMES_MOST = 24, REPLAY_BYTES = 512 };

/* Whether the instruction before this one calls. */
#if defined(__x86_64__)
static bool follows_call(const unsigned char *code)
{
    if (code[-5] == 0xe8) /* call rel32 */
        return true;
    for (int length = 2; length <= 7; length++) /* call *r/m: ff /2 */
        if (code[-length] == 0xff && (code[1 - length] >> 3 & 7) == 2)
            return true;
    return false;
}
#elif defined(__aarch64__)
static bool follows_call(const unsigned char *code)
{
    uint32_t before;
    memcpy(&before, code - 4, sizeof before);
    return (before & 0xfc000000u) == 0x94000000u || (before & 0xfffffc1fu) == 0xd63f0000u;
}
#endif

struct code {
    uintptr_t address;
    bool found;
};

/* Is it in a segment of code? */
static int look(struct dl_phdr_info *object, size_t size, void *code_)
{
    struct code *code = code_;
    (void)size;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t from = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) && (segment->p_flags & PF_R) &&
            code->address >= from + 8 && code->address < from + segment->p_memsz)
            code->found = true;
    }
    return code->found;
}

static bool is_code(uintptr_t address)
{
    struct code code = {.address = address};
    dl_iterate_phdr(look, &code);
    return code.found;
}

static void print_frame(FILE *file, uintptr_t address)
{
    Dl_info about;
    if (!dladdr((const void *)address, &about) || !about.dli_fname)
        fprintf(file, "ferry:     %#lx\n", (unsigned long)address);
    else if (about.dli_sname)
        fprintf(file, "ferry:     %s (%s+%#lx)\n", about.dli_fname, about.dli_sname,
                (unsigned long)(address - (uintptr_t)about.dli_saddr));
    else
        fprintf(file, "ferry:     %s (+%#lx)\n", about.dli_fname,
                (unsigned long)(address - (uintptr_t)about.dli_fbase));
}

static bool is_worker(uintptr_t address)
{
    uintptr_t replay = (uintptr_t)ferry__replay;
    return address >= replay && address < replay + REPLAY_BYTES;
}

/* Up to the end of the page; how many there are. */
static size_t read_words(uintptr_t from, uintptr_t *words)
{
    size_t size = PAGE_BYTES - from % PAGE_BYTES;
    struct iovec here = {words, size}, there = {(void *)from, size};
    ssize_t got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
    return got > 0 ? (size_t)got / sizeof *words : 0;
}

void ferry__print_stack(FILE *file, const struct ferry__whereabouts *at)
{
    uintptr_t words[PAGE_BYTES / sizeof(uintptr_t)];
    uintptr_t from = at->sp & ~(uintptr_t)(sizeof *words - 1), end = from + STACK_MOST;
    int frames = 0;
    if (!at->sp)
        return;
    print_frame(file, at->pc);
    while (from < end) {
        size_t count = read_words(from, words);
        for (size_t i = 0; i < count && frames < FRAMES_MOST; i++) {
            if (!is_code(words[i]) || !follows_call((const unsigned char *)words[i]))
                continue;
            if (is_worker(words[i]))
                return;
            print_frame(file, words[i]);
            frames++;
        }
        if (count == 0 || frames == FRAMES_MOST)
            return;
        from += count * sizeof *words;
    }
}
