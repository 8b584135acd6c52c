# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# cmake -DOUTPUT=FILE.c -P completion_files.cmake: the files of cli/completion/ as strings of C, the
# parts of the scripts that do not depend on the tables. What cli/completion.h declares.
set(dir ${CMAKE_CURRENT_LIST_DIR}/../cli/completion)
set(text "/* Made from the files of cli/completion/ by cmake/completion_files.cmake. */\n")
string(APPEND text "#include \"cli/completion.h\"\n")
foreach(shell bash zsh fish)
  file(READ ${dir}/${shell} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}")
  string(APPEND text "\nconst char completion_${shell}_part[] = {\n${bytes}0\n};\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
