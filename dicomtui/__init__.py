"""dicomtui: a terminal browser for DICOM, and the same without a browser for scripts.

This is the map: each module in one line. What stands higher imports what stands lower, never the other way;
the two faces do not know each other.

    __main__                    chooses the face: a subcommand, or the browser for all else

    cli/                        the headless face: one module a subcommand, imported when it is called
    cli.parser                  the grammar of the command line
    cli.tags                    ``dicomtui tags``: every element, as lines or in the DICOM JSON Model
    cli.info                    ``dicomtui info``: patient, study, series, image
    cli.view                    ``dicomtui view``: a frame as half blocks or plain text
    cli.export                  ``dicomtui export``: pictures, movies, numbers, volumes, tables, copies
    cli.measure                 ``dicomtui measure``: points, distances, angles, regions
    cli.exporting               what its options mean
    cli.anonymize               ``dicomtui anonymize``: copies that tell nobody who the patient is
    cli.anonymizing             how far such a batch is, and what is said at its end
    cli.scan                    ``dicomtui scan``: the patients, studies, series and instances of an archive
    cli.report                  ``dicomtui report``: what an archive holds and what is odd about it
    cli.demo                    ``dicomtui demo`` where there is no terminal
    cli.index                   ``dicomtui index``: indexes that are kept
    cli.find                    ``dicomtui find``: the instances that a query means
    cli.values                  ``dicomtui values``: one attribute over all instances
    cli.varies                  ``dicomtui varies``: which attributes differ between instances
    cli.validate                ``dicomtui validate``: what is otherwise than the standard wants it
    cli.asking                  what these three have in common
    cli.diff                    ``dicomtui diff``: what is different between two instances
    cli.differences             differences as lines and as JSON
    cli.doctor                  ``dicomtui doctor``: what this terminal can show, what is installed
    cli.canvas                  what view draws on: cells, or real pixels
    cli.test_pattern            a test picture in each mode, for it
    cli.config                  ``dicomtui config``: the default configuration
    cli.completion              ``dicomtui completion``: a script for the shell
    cli.batch                   a batch: how far it is, Ctrl+C, what became of how many files
    cli.arguments               arguments that several subcommands take
    cli.inputs                  what FILE arguments mean: regular files, or standard input
    cli.scanning                the index of an archive, brought up to date, for those that ask it
    cli.output                  the only writer of standard output and standard error
    cli.terminal                whether there is a terminal, its size and its colours

    tui/                        the interactive face: a Textual app
    tui.app                     the app: themes, palette, signals, what is left after a crash
    tui.bindings                Textual's bindings out of the table of keys
    tui.commands                every action by name in the command palette
    tui.key_gate                lets keys in one at a time, so that fast typing reaches what it was meant for
    tui.rest                    when nobody types: the time for what would hold a key up
    tui.pacing                  lets no more out than the terminal takes in
    tui.paint_clock             paints once for all that a key changes
    tui.line_rate               how fast the line to it is
    tui.paced_driver            asks the terminal how far it is, for these two
    tui.late_answers            keeps answers that come late from being taken for keys
    tui.line_styles             the colours of the parts of a row
    tui.latest                  a thread that does only the newest of what it is asked
    tui.gentle_sort             sorts in a thread without keeping keys waiting
    tui.clipboard               the clipboard of the person's own terminal
    tui.instance_cache          what was opened lately, bounded in bytes
    tui.thumbnails              small pictures of frames, made in a thread, bounded in bytes
    tui.player                  which frame is due while a cine plays
    tui.opening                 opens one instance in that thread
    tui.style_sheets            finds the style sheets, installed or in a checkout
    tui.themes                  dark, neutral themes
    tui.screens/                what fills the terminal
    tui.screens.browser         tree, attributes and image of one instance: which one is known here
    tui.screens.filling         keeps the tree in step with the disk
    tui.screens.listing         the rows of a folder or DICOMDIR, made in a thread
    tui.screens.at_rest         what need not keep up with pictures
    tui.screens.filmstrip       the filmstrip of what is shown: begun, painted as pictures come, ended
    tui.screens.reslicing       planes and slabs of a series in the image pane
    tui.screens.processing      the processing panel in the browser
    tui.screens.loading         reads instances and frames in a thread, neighbours ahead
    tui.screens.stepping        the next frame or instance; playing them
    tui.screens.corner_values   the values that stand in the corners of the picture
    tui.screens.archive         what is offered about the folder as a whole
    tui.screens.scanning        scans it in a thread
    tui.screens.studies         the studies tree, in step with the scan
    tui.screens.study_rows      the texts of its rows
    tui.screens.study_orders    the orders of its rows
    tui.screens.file_seeking    finds the files that a filter of it asks for
    tui.screens.study_card      what is known of a row, as a page
    tui.screens.menu            a modal menu
    tui.screens.find            a question to the whole archive, and the instances that it finds
    tui.screens.answer          what is shown of them, or a guide
    tui.screens.jump            where a screen sends the browser
    tui.screens.searching       looks for them in a thread
    tui.screens.chosen          the marked rows, or the one under the cursor, as files
    tui.screens.dialog          what lies over the browser, and is left once
    tui.screens.below           what is seen of the screen below, drawn once
    tui.screens.deidentify      the dialog of de-identification
    tui.screens.deidentify_choices  its form
    tui.screens.deidentify_counts  what would be held back, in a line
    tui.screens.deidentify_preview  what would become of one instance
    tui.screens.deidentify_task  what was chosen, as a job
    tui.screens.export          the dialog of export
    tui.screens.export_form     its form
    tui.screens.export_lines    what its lines are about
    tui.screens.export_choices  what they mean
    tui.screens.export_subject  what can be exported
    tui.screens.export_names    the first files that would be made
    tui.screens.export_task     what was chosen, as a job
    tui.screens.job             a long job in a thread
    tui.screens.job_screen      while it runs, and what came of it
    tui.screens.job_summary     the same in words
    tui.screens.query_language  what can be asked, as lines and as a page
    tui.screens.values_screen   the values of one attribute over the whole archive
    tui.screens.counting        counts them in a thread
    tui.screens.plots           how often each value is there, and the values along a line
    tui.screens.measurements    what was measured, as rows
    tui.screens.compare         what is different between two instances, as rows
    tui.screens.validation      what instances have otherwise than the standard wants it
    tui.screens.variation       what varies between many, and the odd one out
    tui.screens.stacks          which instance is the next one
    tui.screens.reader          a modal page of text
    tui.screens.value           a whole value on such a page
    tui.screens.explanation     all about one element on such a page
    tui.screens.copying         what can be copied, and where it goes
    tui.screens.attributes      the attributes as they are read and pinned
    tui.screens.help            the keys on such a page
    tui.widgets/                views of values that know no files
    tui.widgets.line_list       a list that draws only the rows in view
    tui.widgets.tree_pane       the tree of folders, files and records
    tui.widgets.nodes           its nodes
    tui.widgets.tree_filter     which of them match a query
    tui.widgets.tag_table       the elements of an instance
    tui.widgets.tag_rows        which rows it has, and what they look like
    tui.widgets.find_line       where a question is typed, with a caret below what is wrong
    tui.widgets.query_guide     examples to begin with
    tui.widgets.list_below      a list that is left through its top
    tui.widgets.instance_table  instances as rows
    tui.widgets.value_table     values with their counts as rows
    tui.widgets.form_lines      boxes, choices and texts below each other
    tui.widgets.form            puts them below each other
    tui.widgets.pick_line       a line with one of many words
    tui.widgets.name_list       names of files to be made
    tui.widgets.preview_table   elements before and after as rows
    tui.widgets.outcome_table   files that were not written as rows
    tui.widgets.change_table    a sign, a name and two texts as rows
    tui.widgets.progress_line   how far a job is
    tui.widgets.columns         how wide the columns of both are
    tui.widgets.table_pane      a frame with their names
    tui.widgets.name_line       where the name of a new file is typed
    tui.widgets.key_hints       the keys of a screen of its own
    tui.widgets.processing_panel  the steps that a frame is processed by, below the picture
    tui.widgets.number_steps    how far a key moves a number
    tui.widgets.probe           a cross-hair that reads values, pins places and measures between them
    tui.widgets.measured        what was measured while the program runs
    tui.widgets.plot            numbers as bars over an axis
    tui.widgets.image_view      a picture through a window: its keys
    tui.widgets.tool            what gets these keys first while something is done by hand
    tui.widgets.picture_view    the picture as a widget
    tui.widgets.picture_surface  the picture as the cells of a pane
    tui.widgets.cover           what may stand in place of its picture
    tui.widgets.filmstrip       a contact sheet there: keys, numbers, drawing
    tui.widgets.filmstrip_layout  where its pictures stand
    tui.widgets.picture_painter  brings the terminal in step with it, in few bytes
    tui.widgets.picture_quality  how exact it is while it moves
    tui.widgets.picture_strip   one line of it: bytes for the terminal, segments for all else
    tui.widgets.picture_placing  real pixels over its cells, where the terminal has them
    tui.widgets.card            what an object without a picture is
    tui.widgets.edge_marks      letters of orientation and a ruler on the picture
    tui.widgets.corners         texts in the corners, by modality
    tui.widgets.window_choice   which window that is
    tui.widgets.typed_count     a count that is typed before a key
    tui.widgets.pane            a frame with a title and a line for a query
    tui.widgets.query_line      that line
    tui.widgets.panes           the three of them: focus, full size
    tui.widgets.status_line     what is shown, and which keys matter

    export/                     instances -> files of other kinds
    export.arrays               a frame as numbers: stored, modality or display values
    export.names                names of files made of tag values
    export.formats              what can be written
    export.options              what a person may choose for it
    export.batch                many files in worker processes
    export.file                 one piece of that
    export.originals            what is never replaced
    export.planning             which files are made out of which sources, and their names
    export.describing           reads what names are made of
    export.writers              writes the file of a piece
    export.shown                the pictures that go into one file
    export.copies               copies of instances, transcoded if asked for
    export.attributes           attributes as text, tables and JSON
    export.enclosed             documents and video streams as they stand in an instance
    export.written_choices      what a person writes for it, as values
    export.pictures             frames as PNG, JPEG, WebP and TIFF
    export.movies               frames as GIF, APNG, WebP and MP4
    export.sheets               contact sheets
    export.nifti                volumes as NIfTI
    export.dcm2niix             has them made by dcm2niix

    deidentify/                 instances that tell nobody who the patient is (PS3.15 Annex E)
    deidentify.batch            many files, in worker processes
    deidentify.tasks            what workers are given for it, and give back
    deidentify.file             one of them: read, de-identified, written, verified
    deidentify.output_folder    the folder that they are written to
    deidentify.output_names     the names that they get there
    deidentify.journal          what became of each, so that a run can be resumed
    deidentify.records          what is noted of each
    deidentify.marks            keyed hashes that stand for values on disk
    deidentify.report           what was done to every file, for an auditor
    deidentify.mapping          the table that leads back, where it is asked for
    deidentify.engine           one instance -> its new Data Set, and what was done
    deidentify.preview          the same as rows to look at
    deidentify.verification     reads back what was written
    deidentify.token_search     searches it for identifying values
    deidentify.explanation      what the tables say about an attribute, in sentences
    deidentify.cleaning         applies the rules down to the last nested item
    deidentify.values           makes the new element for an old one
    deidentify.content          content items of structured reports, by concept
    deidentify.pixel_risk       which instances are held back
    deidentify.tokens           identifying values that must not be found afterwards
    deidentify.rules            what happens to an attribute under the chosen options
    deidentify.blanking         makes rectangles of all frames black
    deidentify.options          those options, presets, and the codes that are claimed
    deidentify.tables           the standard's tables
    deidentify.descriptors      the words of a text that may stay
    deidentify.dummies          values that stand in place of others
    deidentify.dates            moves dates by days
    deidentify.keys             the secret key, and what it makes of old values

    picture/                    display values -> what goes to a terminal
    picture.modes               the ways to show pixels
    picture.cells               characters in two colours each
    picture.two_colours         the best two for the pixels of a cell
    picture.mixing              greys that a terminal does not have, of those it has
    picture.glyphs              the character that shows which of them has which
    picture.pane_cells          the cells of a whole pane
    picture.terse               what has changed of them, in few bytes
    picture.segments            the same as segments of Rich
    picture.palette             display values -> the colours that a terminal has
    picture.depth               how many colours it has
    picture.graphics            real pixels: one class for each protocol
    picture.sixel               pictures as sixels
    picture.kitty               pictures by kitty's protocol
    picture.iterm2              pictures by iTerm2's
    picture.placeholders        pictures by kitty's protocol through tmux
    picture.png                 PNG files for these two
    picture.terminal            what it can show, and why not more
    picture.asking              asks it, while the program is loading
    picture.answers             what it answers, told from what is typed
    picture.known_terminals     what is known of terminals by their names
    picture.multiplexer         tmux, screen, zellij, mosh between it and the program
    picture.through_tmux        which pictures get through tmux, and why others do not

    archive/                    many files
    archive.refresh             brings an index up to date with the disk
    archive.index               the rows of a scan in a database
    archive.index_file          the private files of indexes that are kept
    archive.index_store         its connections, shared by threads and programs
    archive.index_folder        which files of a folder it does not know yet
    archive.index_incoming      puts what was scanned where it belongs
    archive.index_writing       puts files into its tables
    archive.index_reading       what is asked of them
    archive.index_schema        the tables, and headers as their columns
    archive.scan                looks into every file below a folder
    archive.listing             lists them, in a thread
    archive.scanned_file        what is known of one of them
    archive.read_ahead          asks a slow disk for many files at once
    archive.reading_process     what a process that reads files has at hand
    archive.header              what a scan reads of a file, as fast as can be
    archive.walker              walks the elements of a file for a few wanted ones
    archive.runs                steps over runs of short elements
    archive.layouts             knows a header by that of another instance of its series
    archive.forward             the bytes of a file from front to back
    archive.decoding            raw values -> text and numbers
    archive.query               which instances are meant, asked by attribute: the language on a page
    archive.query_parser        parses it; mistakes point at a column
    archive.query_terms         what a query is made of
    archive.query_values        compares values, each Value Representation in its own way
    archive.query_sql           narrows the rows of the index
    archive.attribute_names     the attribute that a person means
    archive.attribute_reading   reads a few attributes of many files
    archive.pooled_reading      does so in a pool
    archive.attribute_values    the values of one attribute over everything
    archive.variation           which attributes differ between instances, and the odd one out
    archive.recording           tells the access log of them
    archive.validation          validates many instances, and what must agree between them
    archive.dciodvfy            what dciodvfy finds in one, where it is installed
    archive.profiles            reads all attributes of many files, as what they have otherwise than others
    archive.header_values       what the index knows of an attribute
    archive.find                the instances that a query means
    archive.in_order            what comes in any order, in order
    archive.series              which instances make a stack, in which order
    archive.places              where they lie along the slice normal
    archive.read_places         where nothing is written, since it is read
    archive.dimensions          what tells stacks at the same places apart
    archive.quality             what is odd about a stack
    archive.cut_files           which files are smaller than their pixels
    archive.hierarchy           patients, studies and series out of an index
    archive.inventory           the same as values under keywords
    archive.unread              which skipped files should have been read
    archive.identities          identifiers that are missing or stand for several things
    archive.report              what an archive holds and what is odd about it, as values
    archive.report_text         the report as text
    archive.report_json         as JSON
    archive.report_html         as a page to read and to print
    archive.gathering           which files are meant by the paths that a person names
    archive.folder              what a folder holds
    archive.containers          zip and tar as folders: members by their address
    archive.container           one of them: where its members stand
    archive.members             their names, which are labels, and what a directory says of them
    archive.member_sources      their bytes: windows on the file, or inflated in memory
    archive.zip_directory       the directory of a zip
    archive.tar_headers         the headers of a tar
    archive.gzip_reader         inflates a gzip file from any place that was passed before
    archive.kept                what is costly to make, made once and kept for a while
    archive.opening             opens an instance, be it a file or a member
    archive.dicomdir            a DICOMDIR as a tree of records
    archive.directory_records   its Directory Records as they stand in the file
    archive.file_ids            finds the files that they name, never outside the folder
    archive.directory_writing   a new DICOMDIR for files that lie in place
    archive.directory_layout    its records, their places and its bytes
    archive.record_keys         which kind of record an instance has, and what it repeats
    archive.record_elements     elements of any file as those of a DICOMDIR
    archive.record_identity     what every record needs of its instance, mostly without a parser
    archive.samples             the folder of the demonstration
    archive.phantom             its CT series
    archive.phantom_slices      draws the slices
    archive.phantom_anatomy     what is in them

    imaging/                    stored values -> modality values -> display values
    imaging.rendering           one frame through the whole chain
    imaging.frames              the frames of an instance as stored values, each at the cost of one
    imaging.image_pixel         how the pixel data is described
    imaging.native              frames that stand in the file as they are
    imaging.encapsulated        frames that are encoded
    imaging.offsets             which fragments make a frame
    imaging.video               frames that are one bit stream
    imaging.video_process       a process that decodes one
    imaging.video_stream        that bit stream, decoded
    imaging.bit_stream          that stream, read out of its fragments
    imaging.codecs              the Transfer Syntaxes that can be decoded
    imaging.decoders            decodes a frame once its own header has been believed
    imaging.decoding_process    a process that decodes what may be hostile
    imaging.codec_process       lets codecs of codestreams decode in a process of their own
    imaging.codestream          that header: JPEG, JPEG-LS, JPEG 2000
    imaging.jpegxl              and JPEG XL
    imaging.rle                 RLE Lossless
    imaging.encoders            the Transfer Syntaxes that can be written, always without loss
    imaging.codestream_encoding  encodes a frame as JPEG, JPEG-LS, JPEG 2000, JPEG XL
    imaging.packing             or as native words and RLE Lossless
    imaging.transcoding         the frames of an instance on their way into a Transfer Syntax
    imaging.black               the stored value that is shown black
    imaging.stack_segmentation  regions over the planes of a series, with their volumes
    imaging.stored_values       the bits that count, sign-extended
    imaging.modality_lut        stored values -> modality values
    imaging.voi_lut             modality values -> display values
    imaging.window              Window Center and Window Width, and how keys change them
    imaging.presets             windows that a key calls up
    imaging.colour_maps         colours for grey pictures: published maps
    imaging.lookup_table        what the tables of all these have in common
    imaging.palette             PALETTE COLOR -> RGB
    imaging.colour              YBR and the like -> RGB
    imaging.installed           which of the libraries that decode are there
    imaging.padding             pixels that hold no picture
    imaging.orientation         letters of orientation, of bipeds and quadrupeds
    imaging.detectors           what the detector says of a frame in nuclear medicine
    imaging.pixel_difference    how much the pixels of two instances differ
    imaging.drawings            draws lines over display values: what is measured, and where
    imaging.measured_text       measurements as lines and as rows of a table
    imaging.measuring           what is measured in a frame, as plain values
    imaging.measurement         statistics of regions, distances, angles, profiles
    imaging.regions             rectangles, ellipses, polygons
    imaging.suv                 standardized uptake values
    imaging.processing          steps of image processing on modality values
    imaging.processing_steps    the kinds of steps, each a function of scikit-image
    imaging.reslicing           planes and slabs through a volume: MPR, MIP, MinIP, mean
    imaging.saved_chains        such steps under names, in a file beside the configuration
    imaging.scikit_image        scikit-image, imported when it is needed
    imaging.segmentation        regions by value: found, cleaned, measured, coloured
    imaging.volume              a stack of planes as one volume
    imaging.geometry            where a picture lies in the patient, and how large its pixels are
    imaging.overlays            overlay planes, stored by themselves or in the pixel data
    imaging.shutter             what a display shutter hides
    imaging.annotations         draws both, and coloured pixels, over display values
    imaging.real_world          stored values -> real-world values with their unit
    imaging.icc                 RGB through the file's ICC profile
    imaging.supplemental_palette  pixels that a grey picture has in colour
    imaging.viewport            which part is shown, how large and which way round
    imaging.functional_groups   attributes of one frame of many
    imaging.cine                how fast the frames are played
    imaging.frame_order         the frames of enhanced objects in order of dimensions or position
    imaging.attributes          values of attributes as plain numbers

    dataset/                    one file's attributes
    dataset.reading             reads one file into an Instance
    dataset.file_writing        writes one instance as a file
    dataset.pixel_writing       its pixel data, passed through or made
    dataset.element_encoding    its elements as bytes
    dataset.layout              where every value stands, if no rule is broken
    dataset.source              where bytes come from
    dataset.encoding            how a file is encoded, declared or inferred
    dataset.parsing             parses the elements of a stream, or of one that is looked into
    dataset.element_parser      the elements of one stream, open sequences on a stack
    dataset.element_stream      positions and headers in that stream
    dataset.fragments           finds the items of encapsulated values
    dataset.raw_elements        elements as they stand in a file, nothing converted
    dataset.short_elements      regular expressions for elements with short values
    dataset.elements            the Data Elements as rows
    dataset.current_frame       the functional groups of one frame as flat rows
    dataset.frame_values        one attribute of all frames at once
    dataset.scope               what the elements of one Data Set share
    dataset.values              bytes -> text
    dataset.charsets            Specific Character Set
    dataset.dictionary          names of tags and UIDs
    dataset.search              finds elements by words
    dataset.comparison          what is different between two instances
    dataset.item_alignment      which items of their sequences belong together
    dataset.value_difference    which part of a value differs
    dataset.raw_equality        which elements have the same bytes in two files
    dataset.comparable          what counts when elements are compared
    dataset.citations           an element as other programs and people refer to it
    dataset.explanation         all that is known of one element
    dataset.defined_terms       what values mean, and Value Representations are
    dataset.pins                what a person wants to see first, by modality
    dataset.validation          what an instance has otherwise than the standard wants it
    dataset.validation_encoding  its elements against PS3.5 and the dictionary
    dataset.validation_values   what each Value Representation allows
    dataset.validation_required  attributes that it lacks
    dataset.validation_pixels   its image against itself and its bytes
    dataset.iod_table           which attributes the IOD of a SOP Class requires
    dataset.findings            what such a check finds
    dataset.metadata            what a person asks first
    dataset.json_model          the DICOM JSON Model

    settings                    the user's settings
    crash_report                what is kept of a mistake of ours: types and lines, nothing of any file
    access_log                  who opened, de-identified or exported which instance, where that is wanted
    keys                        every key of the browser, as data
    garbage                     how seldom Python looks for garbage, and memory that goes back to the system
    pool                        worker processes that can die, be cancelled and leave no orphans
    worker                      one of them
    processes                   new processes that write nowhere and end with the program
    beats                       signs of life of long work in a worker process
    outcomes                    what became of one instance of many
    writing                     safe output: a file appears whole or not at all
    csv_rows                    rows of CSV that no spreadsheet takes for formulas
    wording                     sizes, dates, counts and paths as people write them
    text                        safe text: the only door from untrusted bytes to a screen
    errors                      errors of one line that a user can act on
"""

__version__ = "0.1.0"
