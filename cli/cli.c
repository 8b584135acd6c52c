// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The first is the default: it runs when the first argument names no verb. */
static const struct cli_verb *const verbs[] = {
	&cli_encode, &cli_explain, &cli_dump,  &cli_diff,	&cli_stat,
	&cli_vars,   &cli_check,   &cli_ksyms, &cli_completion, &cli_help,
};

const struct cli_verb *const *cli_verbs(size_t *ret_num_verbs)
{
	*ret_num_verbs = ARRAY_SIZE(verbs);
	return verbs;
}

const struct cli_verb *cli_find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	}
	return NULL;
}

void cli_print_help(const struct cli_verb *verb)
{
	printf("usage: btfgen %s\n\n%s\n", verb->synopsis, verb->description);
	if (verb->num_options > 0) {
		fputs("\noptions:\n", stdout);
		options_print(stdout, verb->options, verb->num_options);
	}
}

void cli_print_overview(void)
{
	puts("usage: btfgen [encode] [OPTION]... FILE...\n"
	     "       btfgen VERB [OPTION]... [ARGUMENT]...\n"
	     "\n"
	     "Makes BTF of the DWARF of a Linux kernel and its modules; shows and checks BTF.\n"
	     "\n"
	     "verbs:");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("  %-10s  %s%s\n", verbs[i]->name, verbs[i]->summary,
		       i == 0 ? " (the default)" : "");
	puts("\n"
	     "'btfgen VERB --help' tells the options of a verb, its man page everything:\n"
	     "  btfgen vmlinux                     into its section .BTF\n"
	     "  btfgen -o vmlinux.btf vmlinux      to a file; vmlinux is only read\n"
	     "  btfgen --base vmlinux *.ko         modules, as split BTF over that of vmlinux\n"
	     "\n"
	     "exit codes: 0 done, 1 negative answer, 2 usage, 3 input not usable,\n"
	     "4 own result failed verification, 5 I/O, memory or a format limit");
}

struct btfgen_error *cli_parse(const struct cli_verb *verb, int argc, char **argv, void *values,
			       struct cli_common *common, int *ret_num_operands, bool *ret_done)
{
	struct btfgen_error *err;

	err = options_parse(verb->options, verb->num_options, argc, argv, values, ret_num_operands);
	if (err)
		return err;
	if (common->help)
		cli_print_help(verb);
	else if (common->version)
		puts("btfgen " BTFGEN_VERSION);
	*ret_done = common->help || common->version;
	return NULL;
}

static void print_error(const struct btfgen_error *err, const struct cli_verb *verb)
{
	_cleanup_free_ char *text = error_text(err);
	const char *shown = text ? text : err->message;

	if (err->code != BTFGEN_ERROR_USAGE)
		fprintf(stderr, "btfgen: %s\n", shown);
	else
		fprintf(stderr, "btfgen: %s; try 'btfgen %s --help'\n", shown, verb->name);
}

/*
 * A closed standard stream would be the descriptor of the next file that is opened, and output
 * meant for stdout would go into it. The stand-in refuses writing, so that lost output is still an
 * error.
 */
static void occupy_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/*
 * Pushes out what stdout still holds. *ret_reader_gone tells that the reading end of a pipe was
 * closed: `btfgen vars vmlinux | head` is no mistake, and ends as if all had been read.
 */
static struct btfgen_error *finish_stdout(bool *ret_reader_gone)
{
	struct pollfd state = { .fd = STDOUT_FILENO };
	int errnum;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout)) {
		*ret_reader_gone = false;
		return NULL;
	}
	/* The write that failed may lie far back: its errno is lost, the pipe still tells. */
	errnum = errno ? errno : EIO;
	*ret_reader_gone =
		errnum == EPIPE || (poll(&state, 1, 0) == 1 && (state.revents & POLLERR));
	return error_create_errno(BTFGEN_ERROR_IO, errnum, "cannot write to standard output");
}

static bool is_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

int cli_main(int argc, char **argv)
{
	const struct cli_verb *verb = verbs[0];
	struct btfgen_error *err;
	bool reader_gone = false;
	int exit_code = 0;

	occupy_standard_streams();
	/*
	 * A closed pipe or a file over its limit is an error like others: there are files to put in
	 * order.
	 */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);

	if (argc > 0) {
		argc--;
		argv++;
	}
	/* `btfgen --help vars` means `btfgen vars --help`: nobody asks for help with a file. */
	if (argc > 1 && is_help(argv[0]) && cli_find_verb(argv[1])) {
		char *help = argv[0];

		argv[0] = argv[1];
		argv[1] = help;
	}
	if (argc == 1 && is_help(argv[0]))
		argv[0] = (char *)cli_help.name;
	if (argc > 0 && cli_find_verb(argv[0])) {
		verb = cli_find_verb(argv[0]);
		argc--;
		argv++;
	}
	err = verb->run(verb, argc, argv, &exit_code);
	if (!err)
		err = finish_stdout(&reader_gone);
	else
		fflush(stdout);
	if (!err)
		return exit_code;
	if (!reader_gone) {
		exit_code = error_exit_code(err);
		print_error(err, verb);
	}
	error_free(err);
	return exit_code;
}
