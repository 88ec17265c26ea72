# Not yet read by a native speaker.
# Arabic needs UCS-2: 70 characters a text message, so every sentence is as short as it can be.

key-back = 00 رجوع
key-more = 99 المزيد

resume-question = هل تتابع من حيث توقفت؟
resume-yes = نعم
resume-no = لا
village-question = اكتب رمز قريتك.
home-title = الخدمات
home-exit = خروج
home-bye = شكرا. مع السلامة.
home-language = اللغة
busy = الخدمة مشغولة. حاول بعد دقائق.
failed = حدث خطأ ولم يحفظ شيء. حاول لاحقا.
no-service = لا خدمة لهذا الرقم هنا. اسأل عاملا صحيا.
session-ended = انتهت هذه المحادثة. اطلب الرمز ثانية.
phone-without-number = لا رقم لهذا الهاتف بعد. اسأل مشغل الشبكة.
session-too-long = خطوات كثيرة. اطلب الرمز ثانية.
line-too-narrow = This line cannot show this service. Please use SMS.

refuse-choice = اكتب أحد الأرقام المعروضة.
refuse-choices = اكتب الأرقام المناسبة، مثل 1 3.
refuse-empty = اكتب جوابا.
refuse-name = اكتب اسما بالحروف فقط.
refuse-text = اكتب حروفا وأرقاما ومسافات فقط.
refuse-identifier = اكتب من { $min } إلى { $max } حرفا أو رقما.
refuse-phone = اكتب رقم هاتف كاملا.
refuse-number = اكتب عددا من { $min } إلى { $max }.
refuse-day = اكتب اليوم مثل { $example }.
refuse-year-or-day = اكتب سنة مثل { $year } أو يوما مثل { $example }.
refuse-month-or-day = اكتب شهرا مثل { $month } أو يوما مثل { $example }.
refuse-any-date = اكتب مثل { $year } أو { $month } أو { $example }.
refuse-future = هذا اليوم لم يأت. اكتب يوما أسبق.
refuse-old = هذا قديم جدا. اكتب { $earliest } أو بعده.
refuse-recent = هذا حديث جدا. اكتب { $latest } أو قبله.
refuse-ahead = هذا بعيد جدا. اكتب { $latest } أو قبله.
refuse-long = طويل جدا. اكتب { $limit } حرفا على الأكثر.
refuse-page = لا مزيد. اكتب أحد الأرقام المعروضة.
refuse-registration-number = اكتب { $short } أو { $long } رقما.
refuse-check-digit = رقم واحد خطأ. راجع واكتب ثانية.
refuse-amount = اكتب مبلغا من { $min } إلى { $max }.
refuse-pin = اكتب من { $min } إلى { $max } أرقام.

form-refused = { $field }: { $fix } لم يحفظ شيء.
form-choices = اكتب أحد هذه: { $choices }.
form-name = اكتب اسمه، مثل { $example }.
form-sample = أرسل هكذا: { $sample }

status-held = محفوظ هنا
status-carried = وصل إلى المركز
status-accepted = مقبول
status-effective = مكتمل
status-rejected = مرفوض
status-conflict = قيد المراجعة
status-withdrawn = مسحوب

reject-not-allowed = رقمك لا يسمح بهذا. اسأل مشرفك.
reject-no-consent = لم يحفظ شيء لأن الشخص لم يوافق.
reject-incomplete = ينقص شيء ولم يحفظ شيء. اكتب ثانية.
reject-no-open-review = لا سؤال ينتظر جوابك. اطلب رمز الخدمة.
reject-review-which = أكثر من مراجعة تنتظر. أرسل رقمها أيضا، مثل { $example }.
reject-review-unknown = لا مراجعة { $n } مفتوحة. راجع الرقم.
reject-not-registered = هذا الرقم غير مسجل. اسأل عاملا صحيا أو المكتب.
reject-not-bound = لم يؤكد هذا الرقم. أجب 1 عن الرسالة أو اطلب الرمز.
reject-language = هذه اللغة غير متاحة. اختر غيرها.
reject-numbers = لا أرقام تسجيل هنا. أخبر مشرفك.
reject-phone-full = هذا الرقم لـ { $limit } أشخاص. اكتب غيره أو اتركه.
reject-births = تاريخا ميلاد الأم والطفل لا يتفقان. غير أحدهما.
reject-village = لا قرية بهذا الرمز. اكتب رمز قريتك.

digest = { $accepted } مقبول، { $rejected } مرفوض، { $review } ينتظرك.
review-question = مراجعة { $n }: ..{ $own } و ..{ $other }. هل هم نفس الأشخاص؟ أجب 1 نعم، 2 لا.
review-answered = شكرا. حفظ جوابك عن المراجعة { $n }.
claim = أعطي هذا الرقم لمكتب حكومي. أجب 1 لتصلك رسائله، STOP لعدمها.
bound = شكرا. تصل الرسائل إلى هذا الرقم. أرسل STOP لإيقافها.
stopped = لن تصلك رسائلنا. أرسل START لتصلك ثانية.
started = ستصلك رسائلنا ثانية. أرسل STOP لإيقافها.
unknown-text = لم نفهم. أرسل MENU للخدمات، 1 أو 2 جوابا عن سؤال، STOP لإيقاف الرسائل.
alias-assigned = رقمك { $old } صار { $new }. كلاهما صالح.
result-accepted = وصل تسجيلك إلى السجل العام. للأسئلة اسأل عاملا صحيا.

month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر

ethiopian-month-1 = مسكرم
ethiopian-month-2 = تقمت
ethiopian-month-3 = هدار
ethiopian-month-4 = تهساس
ethiopian-month-5 = تر
ethiopian-month-6 = يكاتيت
ethiopian-month-7 = مغابيت
ethiopian-month-8 = ميازيا
ethiopian-month-9 = غنبوت
ethiopian-month-10 = سني
ethiopian-month-11 = هاملي
ethiopian-month-12 = نهاسي
ethiopian-month-13 = باغمي

reject-no-person = لا أحد هنا بهذا الرقم. راجعه.
reject-which-person = عدة أشخاص يستعملون هذا الهاتف. اكتب آخر 4 أرقام من رقمك.
reject-no-entry = هذا القيد غير موجود أو ليس لك. راجع قائمتك.
reject-entry-left = القيد لدى السجل أو عليه سؤال. اسأل المكتب.
reject-entry-used = قيود أخرى تعتمد عليه. اسحب تلك أولا.
entry-registered = تسجيل { $who }
reject-no-task = هذه المهمة انتهت. راجع قائمتك.
reject-no-worker = لا عامل صحي آخر هنا بهذا الرقم.

tasks-due = اليوم: { $due } مستحقة، { $late } متأخرة. اطلب الرمز لقائمتك.
tasks-late = { $late } مهمة لـ { $workers } عاملين متأخرة. اطلب الرمز أو اسألهم.

reject-maker-checker = لا يقترح شخص ويوافق في منطقة واحدة. اختر غيره.
reject-no-role = لا دور كهذا. راجع المنطقة والرقم.
reject-pin-wrong = الرقم السري غير صحيح. اكتبه ثانية.
reject-pin-wait = أرقام سرية خاطئة كثيرة. حاول بعد ساعة.
reject-pin-locked = الرقم السري مقفل. راجع عاملا صحيا.
reject-pin-weak = هذا الرقم السري سهل التخمين. اكتب غيره.
reject-pin-length = اكتب 6 أرقام.
reject-pin-set = لك رقم سري. اختر تغييره.
reject-pin-none = لا رقم سريا لهذا الرقم. اختر واحدا أو راجع عاملا صحيا.
reject-pin-worker = راجع عاملا صحيا لاختيار رقمك السري.
reject-pin-first = اكتب رقمك السري أولا.
reject-pin-who = اكتب أولا آخر 4 أرقام من رقم تسجيلك.
reject-pin-sms = لا يطلب الرقم السري برسالة. اطلب رمز الخدمة.
reject-second-person = يجب أن يفعل هذا عامل صحي آخر.
reject-unknown-number = لا أحد هنا بهذا الرقم. راجعه.
pin-was-reset = تغير الرقم السري لهذا الرقم. لست أنت؟ راجع عاملا صحيا قريبا.
consent-withdrawn = سحبت موافقتك. يسري هذا فورا.
reject-second-officer = يجب أن يوافق شخص ثان، وأحدهما مسؤول.

reject-slip-none = لا تسجيل ساريا بهذا الرقم. راجعه.
reject-slip-key = لا تصدر هذه المحطة رموزا بعد. يجب أن تتصل بالمركز.
slip-code = الرمز { $code }. يعرض مع الرقم وسنة الميلاد. للتحقق: CHECK الرمز الرقم السنة.
slip-code-own = أعطاك مكتب حكومي الرمز { $code }. اعرضه مع رقمك وسنة ميلادك.
slip-valid = صالح. أصدرته محطة هنا في { $month } لهذا الرقم وسنة الميلاد.
slip-not-valid = غير صالح لهذا الرقم وسنة الميلاد هنا. رمز منطقة أخرى يسأل عنه في المكتب.
slip-revoked = ملغى. لم يعد التسجيل ساريا.
slip-unreadable = في الرمز أو الرقم أو السنة خطأ. أرسل: CHECK الرمز الرقم السنة.
slip-title = إثبات التسجيل
slip-how = احفظ هذه الورقة. عند قراءتها تسأل عن رقمك وسنة ميلادك.
reject-reference = لم تنشر القائمة: { $finding }

broadcast-question = رسالة { $n }: { $people } شخص، { $parts } جزء، السعر { $price }. النص يلي. أجب YES { $n } أو NO { $n }.
broadcast-approved = شكرا. تبدأ الرسالة { $n }.
broadcast-refused = شكرا. لا ترسل الرسالة { $n }.
reject-no-proposal = لا رسالة تنتظر بهذا الرقم. أجيب عنها أو تأخرت.
reject-own-proposal = أنت اقترحت هذه الرسالة. يجب أن يقرر غيرك.

alert-raised = إنذار: { $alert }
alert-more = إنذار، تتمة: { $alert }
alert-clear = زال الخطر: { $alert }
alert-after-stop = يرسل حتى بعد STOP لأن الأرواح في خطر.
alert-begun = شكرا. تذهب كلماتك الآن إلى أهل منطقتك.
reject-alert = للإنذار 1 إلى 300 حرف. اختصره.
reject-no-alert = لا إنذار ساريا هنا. أرسل ALERT والكلمات.

prove-pin = رقمك السري؟
prove-pin-of = رقمك السري؟ إن لم يوجد: عامل صحي.
prove-new = اختر رقما سريا من 6 أرقام لا يخمن.
prove-digits = مشترك. آخر 4 من رقم تسجيلك؟

reader-own = أنت
reader-health-worker = عامل صحي
reader-vendor = بائع
reader-clerk = كاتب
reader-officer = مسؤول
reader-administrator = مدير
reader-auditor = مدقق
reader-system = نظام آخر
read-own = سجلك
read-case = سجل
read-list = قائمة
read-task = مهمة
read-search = بحث
read-console = مكتب
read-registry = سجل عام
read-export = تصدير
read-report = تقرير
read-review = مقارنة
read-many = قرأ شخص أكثر من { $limit } سجلا في ساعة. راجع سجل القراءة.
read-exported = صدرت بيانات شخصية. راجع سجل القراءة.

reject-no-mother = ليست أما أو سنة ميلادها غير معروفة. راجع الرقم.
match-question = مراجعة { $n }: الرقم ..{ $own } والرقم ..{ $other }. هل هما شخص واحد؟ أجب { $n } 1=نعم 2=لا 3=لا أعرف.
reject-not-joined = هذان الشخصان غير مرتبطين.
reject-too-many = عدد كبير من الأشخاص. أضف سنة الميلاد أو القرية.
sex-female = أنثى
sex-male = ذكر

household-head = رب الأسرة
household-spouse = الزوج أو الزوجة
household-child = طفل
household-other = فرد آخر
reject-no-household = هذا الشخص ليس في أسرة هنا.
reject-same-household = كلاهما في أسرة واحدة أصلا.
reject-given = أعطي هذا لهذه الفترة. لم يحفظ شيء.
reject-ask-hub = مكتب المنطقة يقرر لهذه الأسرة. لم يحفظ شيء.
reject-ask-node = المركز الذي سجل هذه الأسرة يقرر. لم يحفظ شيء.
reject-unit = أكثر من { $limit } مرتبطون هنا. اسأل مكتب المنطقة.

## Pages of the district office.
reject-sign-in = الرقم أو الدور أو عبارة المرور غير صحيح.
reject-reason = اكتب السبب في { $limit } حرفا على الأكثر.

confirm = لدى مكتب عام هذا الرقم. هل ما زلت تستخدمه؟ أجب 1 لنعم، 2 للا.
claim-shared = أعطي هذا الرقم لمكتب عام لشخص آخر. أجب 1 إن كان مشتركا، 3 إن كان لك وحدك، 2 إن كان خطأ.
denied = شكرا. لن يصل شيء شخصي إلى هذا الرقم بعد الآن.
change-asked = بياناتك قيد التغيير. لست أنت؟ أجب لا { $code }
change-asked-stopped = يلزمنا القانون بإبلاغك حتى بعد STOP: بياناتك قيد التغيير. لست أنت؟ أجب لا { $code }
change-stopped = أوقف تغيير بياناتك. يبقى كل شيء كما كان.
reject-change-none = لا تغيير ينتظر هنا.
reject-change-open = تغيير ينتظر. أوقفه أولا.
reject-change-same = اكتب رقما آخر.
reject-change-pin = ليس لها رمز هنا بعد. أعد ضبطه أولا ودعها تختار.
reject-change-held = هذا الرقم مؤكد. غيره تحت بياناتي برمزها.

staff-pin = رقمك السري للعمل؟
staff-code = رمز المرة الواحدة من مكتبك (8 أرقام)؟
staff-new = اختر رقما سريا للعمل من 6 أرقام لا يخمن. يفتح عملك.
staff-code-none = لا رقم سريا للعمل هنا. اطلب رمز المرة الواحدة من مكتبك.
staff-code-wrong = الرمز غير صحيح. اكتب أرقامه الثمانية ثانية.
staff-pin-locked = الرقم السري مقفل. اطلب رمزا جديدا من مكتبك.
reject-staff-pin = يفتح هذا برقمك السري للعمل. اطلب رمز الخدمة.
erased = حذفت البيانات التي طلب حذفها. لا حاجة إلى الرد.
