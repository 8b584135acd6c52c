# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# The tool: the encoder as a library (tests link it too), the command line on top, what is installed.

set(encoder_sources
  batch_key.c
  batch_stamps.c
  btf_batch.c
  btf_encoder.c
  btf_source.c
  btf_stack.c
  dwarf_attr.c
  dwarf_body.c
  dwarf_func.c
  dwarf_graph.c
  dwarf_loader.c
  dwarf_resolve.c
  dwarf_tag.c
  dwarf_walk.c
  elf_symtab.c
  encode_base.c
  encode_memory.c
  explain.c
  explain_reason.c
  explain_type.c
  func_abi.c
  func_gather.c
  func_select.c
  ksym_kernel.c
  ksym_object.c
  module_check.c
  section_choice.c
  tag_select.c
  var_select.c
)
foreach(source ${encoder_sources})
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${source})
    message(STATUS "btfgen is not built: ${source} is missing")
    return()
  endif()
endforeach()

add_library(btfgen_encoder STATIC ${encoder_sources})
target_link_libraries(btfgen_encoder
  PUBLIC btfgen_base
  PRIVATE btfgen_btf btfgen_dwarf btfgen_elf PkgConfig::LIBDW PkgConfig::LIBELF)

# The pages, with the files of cli/page/ in them.
set(page_files page.html page.css common.js stat.js diff.js)
list(TRANSFORM page_files PREPEND ${CMAKE_SOURCE_DIR}/cli/page/)
add_custom_command(OUTPUT page_files.c
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/page_files.c
          -P ${CMAKE_SOURCE_DIR}/cmake/page_files.cmake
  DEPENDS ${page_files} ${CMAKE_SOURCE_DIR}/cmake/page_files.cmake
  VERBATIM)
add_library(btfgen_page STATIC cli/page.c page_files.c)
target_link_libraries(btfgen_page PUBLIC btfgen_base)

# The scripts for shells, but for what comes from the tables of options.
add_custom_command(OUTPUT completion_files.c
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/completion_files.c
          -P ${CMAKE_SOURCE_DIR}/cmake/completion_files.cmake
  DEPENDS cli/completion/bash cli/completion/zsh cli/completion/fish
          ${CMAKE_SOURCE_DIR}/cmake/completion_files.cmake
  VERBATIM)
add_library(btfgen_completion STATIC
  cli/completion_bash.c
  cli/completion_fish.c
  cli/completion_json.c
  cli/completion_words.c
  cli/completion_zsh.c
  cli/json.c
  cli/options.c
  completion_files.c
)
target_link_libraries(btfgen_completion PUBLIC btfgen_base)

add_executable(btfgen
  main.c
  cli/batch.c
  cli/check.c
  cli/check_rules.c
  cli/cli.c
  cli/completion.c
  cli/diff.c
  cli/diff_budget.c
  cli/diff_folder.c
  cli/diff_json.c
  cli/diff_line.c
  cli/diff_markdown.c
  cli/diff_text.c
  cli/dump.c
  cli/encode.c
  cli/encode_args.c
  cli/explain.c
  cli/explain_print.c
  cli/features.c
  cli/file_list.c
  cli/help.c
  cli/json.c
  cli/ksyms.c
  cli/language.c
  cli/number.c
  cli/options.c
  cli/paint.c
  cli/progress.c
  cli/report.c
  cli/stat.c
  cli/stat_json.c
  cli/stat_price.c
  cli/stat_price_print.c
  cli/stat_text.c
  cli/table.c
  cli/vars.c
)
target_compile_definitions(btfgen PRIVATE BTFGEN_VERSION="${PROJECT_VERSION}")
target_link_libraries(btfgen PRIVATE btfgen_encoder btfgen_btf btfgen_elf btfgen_completion btfgen_page
  btfgen_base)

# The program knows its options itself. Where it cannot run here, packagers make the scripts there.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
  foreach(shell bash zsh fish)
    set(completion_${shell} ${CMAKE_BINARY_DIR}/completions/${shell})
    add_custom_command(OUTPUT ${completion_${shell}}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/completions
      COMMAND btfgen completion ${shell} > ${completion_${shell}}
      DEPENDS btfgen
      VERBATIM)
  endforeach()
  add_custom_target(completions ALL
    DEPENDS ${completion_bash} ${completion_zsh} ${completion_fish})
  install(FILES ${completion_bash} RENAME btfgen
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${completion_zsh} RENAME _btfgen
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
  install(FILES ${completion_fish} RENAME btfgen.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()

install(TARGETS btfgen RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES
  docs/btfgen.1
  docs/btfgen-check.1
  docs/btfgen-completion.1
  docs/btfgen-diff.1
  docs/btfgen-dump.1
  docs/btfgen-explain.1
  docs/btfgen-ksyms.1
  docs/btfgen-stat.1
  docs/btfgen-vars.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES README.md CHANGELOG.md docs/ci.md docs/differences.md docs/functions.md docs/link-vmlinux.md docs/modules.md
  docs/pages.md docs/report.md docs/variables.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY LICENSES DESTINATION ${CMAKE_INSTALL_DOCDIR})
