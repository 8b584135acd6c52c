# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# cmake -DOUTPUT=FILE.c -P page_files.cmake: the files of cli/page/ as arrays of C, so that the
# program carries its pages with it. What cli/page_files.h declares.
set(dir ${CMAKE_CURRENT_LIST_DIR}/../cli/page)
set(text "/* Made from the files of cli/page/ by cmake/page_files.cmake. */\n")
string(APPEND text "#include \"cli/page_files.h\"\n")
foreach(file page.html page.css common.js stat.js diff.js)
  file(READ ${dir}/${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}")
  string(REPLACE . _ name ${file})
  if(NOT name MATCHES "^page_")
    set(name page_${name})
  endif()
  string(APPEND text "\nstatic const unsigned char bytes_${name}[] = {\n${bytes}0\n};\n"
         "const struct page_file ${name} = { bytes_${name}, sizeof(bytes_${name}) - 1 };\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
