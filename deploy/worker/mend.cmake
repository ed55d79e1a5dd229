# What the patches beside it have in common. A mend goes into a copy in the build folder; mediasoup's package stays as
# it was installed.

# mend(<worker's folder> <variable with the sources> <file in that folder> <text> <what stands in its place> [...])
#
# A source takes the original's place among the sources; a header is found first, see target_include_directories().
# (Texts are read from ARGV<n>, which keeps the semicolons that ARGN would split at.)
function(mend worker_dir sources_variable file)
  set(original "${worker_dir}/${file}")
  set(patched "${CMAKE_CURRENT_BINARY_DIR}/patched/${file}")

  file(READ "${original}" code)
  set(at 3)
  while(at LESS ARGC)
    math(EXPR next "${at} + 1")
    string(REPLACE "${ARGV${at}}" "${ARGV${next}}" mended "${code}")
    if(mended STREQUAL code)
      message(FATAL_ERROR "${original} does not look as this recipe expects. Has mediasoup changed it? Then check "
                          "whether the mend is still needed, and adapt it here. Not found: ${ARGV${at}}")
    endif()
    set(code "${mended}")
    math(EXPR at "${at} + 2")
  endwhile()
  file(WRITE "${patched}" "${code}")

  if(file MATCHES "^src/")
    set(sources "${${sources_variable}}")
    list(REMOVE_ITEM sources "${original}")
    list(APPEND sources "${patched}")
    set(${sources_variable} "${sources}" PARENT_SCOPE)
  endif()
endfunction()
