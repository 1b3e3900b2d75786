# libarchive and zstd from given source trees, as small static libraries: of libarchive the pax
# writer, of zstd the compressor, and what these two need. For the collector only.
#
#   -DMEMTALLY_LIBARCHIVE_SOURCE=DIR   an unpacked libarchive (3.6 and 3.7 are tried)
#   -DMEMTALLY_ZSTD_SOURCE=DIR         an unpacked zstd (1.5.4 and 1.5.7 are tried)
set(MEMTALLY_LIBARCHIVE_SOURCE "" CACHE PATH "Source tree of libarchive, in place of the installed one")
set(MEMTALLY_ZSTD_SOURCE "" CACHE PATH "Source tree of zstd, in place of the installed one")

# library_from_source(TARGET FOLDER FILE...): other people's code, so without our warnings.
function(library_from_source target folder)
  set(files "")
  foreach(file ${ARGN})
    if(NOT EXISTS ${folder}/${file})
      message(FATAL_ERROR "${folder} is not the expected source tree: no ${file} there")
    endif()
    list(APPEND files ${folder}/${file})
  endforeach()
  add_library(${target} STATIC ${files})
  target_compile_options(${target} PRIVATE -w -ffunction-sections -fdata-sections)
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE _FILE_OFFSET_BITS=64)
endfunction()

function(libarchive_from_source)
  set(folder ${MEMTALLY_LIBARCHIVE_SOURCE}/libarchive)
  library_from_source(source_libarchive ${folder}
    archive_acl.c archive_check_magic.c archive_entry.c archive_entry_sparse.c
    archive_entry_xattr.c archive_options.c archive_string.c archive_string_sprintf.c
    archive_util.c archive_virtual.c archive_write.c archive_write_set_format.c
    archive_write_set_format_pax.c archive_write_set_format_ustar.c archive_write_set_options.c)
  target_include_directories(source_libarchive SYSTEM INTERFACE ${folder})
  target_compile_definitions(source_libarchive PRIVATE
    PLATFORM_CONFIG_H="${PROJECT_SOURCE_DIR}/cmake/libarchive_config.h")
  # Public: the collector hands times over, and on 32-bit machines they must be of one width.
  target_compile_definitions(source_libarchive PUBLIC _TIME_BITS=64)
endfunction()

function(zstd_from_source)
  set(folder ${MEMTALLY_ZSTD_SOURCE}/lib)
  set(files
    common/entropy_common.c common/error_private.c common/fse_decompress.c common/xxhash.c
    common/zstd_common.c
    compress/fse_compress.c compress/hist.c compress/huf_compress.c compress/zstd_compress.c
    compress/zstd_compress_literals.c compress/zstd_compress_sequences.c
    compress/zstd_compress_superblock.c compress/zstd_double_fast.c compress/zstd_fast.c
    compress/zstd_lazy.c compress/zstd_ldm.c compress/zstd_opt.c)
  if(EXISTS ${folder}/compress/zstd_preSplit.c)  # since 1.5.7
    list(APPEND files compress/zstd_preSplit.c)
  endif()
  library_from_source(source_zstd ${folder} ${files})
  target_include_directories(source_zstd SYSTEM INTERFACE ${folder})
  target_compile_definitions(source_zstd PRIVATE
    XXH_NAMESPACE=ZSTD_ ZSTD_LEGACY_SUPPORT=0 ZSTD_NO_TRACE DYNAMIC_BMI2=0 ZSTD_DISABLE_ASM)
endfunction()
