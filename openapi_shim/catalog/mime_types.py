"""The file name extension by which ``wx-server-sdk`` names a part of a given MIME type.

The first extension that the MIME registry (as npm's mime-db 1.52 has it) lists for the type;
the SDK sends no content type, so what the other side knows of it is this extension. Here are
the types of pictures, sound, films, fonts, texts and the usual documents.
"""

from __future__ import annotations

# "subtype" where it is its own extension, else "subtype:extension".
_TYPES = {
    "application": """
        epub+zip:epub geo+json:geojson gzip:gz java-archive:jar javascript:js json
        ld+json:jsonld mp4:mp4s msword:doc octet-stream:bin ogg:ogx pdf postscript:ai rtf
        vnd.android.package-archive:apk vnd.ms-excel:xls vnd.ms-powerpoint:ppt
        vnd.oasis.opendocument.presentation:odp vnd.oasis.opendocument.spreadsheet:ods
        vnd.oasis.opendocument.text:odt
        vnd.openxmlformats-officedocument.presentationml.presentation:pptx
        vnd.openxmlformats-officedocument.spreadsheetml.sheet:xlsx
        vnd.openxmlformats-officedocument.wordprocessingml.document:docx wasm x-7z-compressed:7z
        x-bzip2:bz2 x-pkcs12:p12 x-rar-compressed:rar x-sh:sh x-shockwave-flash:swf x-tar:tar
        x-x509-ca-cert:der xhtml+xml:xhtml xml zip
    """,
    "audio": """
        3gpp adpcm:adp amr basic:au midi:mid mobile-xmf:mxmf mp3 mp4:m4a mpeg:mpga ogg:oga s3m
        silk:sil wav wave:wav webm:weba x-aac:aac x-aiff:aif x-caf:caf x-flac:flac
        x-matroska:mka x-mpegurl:m3u x-ms-wax:wax x-ms-wma:wma x-pn-realaudio:ram
        x-pn-realaudio-plugin:rmp x-wav:wav xm
    """,
    "font": """
        collection:ttc otf ttf woff woff2
    """,
    "image": """
        aces:exr apng avci avcs avif bmp cgm dicom-rle:drle emf fits g3fax:g3 gif heic
        heic-sequence:heics heif heif-sequence:heifs hej2k:hej2 hsj2 ief jls jp2 jpeg jph
        jphc:jhc jpm jpx jxr jxra jxrs jxs jxsc jxsi jxss ktx ktx2 png sgi svg+xml:svg t38
        tiff:tif tiff-fx:tfx vnd.adobe.photoshop:psd vnd.djvu:djvu vnd.dwg:dwg
        vnd.microsoft.icon:ico webp wmf x-3ds:3ds x-cmu-raster:ras x-cmx:cmx x-freehand:fh
        x-icon:ico x-mrsid-image:sid x-pcx:pcx x-pict:pic x-portable-anymap:pnm
        x-portable-bitmap:pbm x-portable-graymap:pgm x-portable-pixmap:ppm x-rgb:rgb x-tga:tga
        x-xbitmap:xbm x-xpixmap:xpm x-xwindowdump:xwd
    """,
    "text": """
        cache-manifest:appcache calendar:ics coffeescript:coffee css csv html jade jsx less
        markdown mdx n3 plain:txt richtext:rtx rtf sgml shex slim spdx stylus
        tab-separated-values:tsv troff:t turtle:ttl uri-list:uri vcard vtt x-asm:s x-c:c
        x-fortran:f x-handlebars-template:hbs x-java-source:java x-lua:lua x-markdown:mkd
        x-nfo:nfo x-opml:opml x-org:org x-pascal:p x-processing:pde x-sass:sass x-scss:scss
        x-setext:etx x-sfv:sfv x-suse-ymp:ymp x-uuencode:uu x-vcalendar:vcs x-vcard:vcf xml yaml
    """,
    "video": """
        3gpp:3gp 3gpp2:3g2 h261 h263 h264 iso.segment:m4s jpeg:jpgv jpm mj2 mp2t:ts mp4 mpeg
        ogg:ogv quicktime:qt webm x-f4v:f4v x-fli:fli x-flv:flv x-m4v:m4v x-matroska:mkv
        x-mng:mng x-ms-asf:asf x-ms-vob:vob x-ms-wm:wm x-ms-wmv:wmv x-ms-wmx:wmx x-ms-wvx:wvx
        x-msvideo:avi x-sgi-movie:movie x-smv:smv
    """,
}

_EXTENSIONS = {
    f"{family}/{subtype}": extension or subtype
    for family, words in _TYPES.items()
    for subtype, _, extension in (word.partition(":") for word in words.split())
}


def extension_of(content_type: str) -> str | None:
    """The extension for *content_type*, compared as the SDK does: exactly, case and all."""
    return _EXTENSIONS.get(content_type)
